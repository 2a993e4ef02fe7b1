"""The pipeline: one module a stage, run as `python -m stages.<name>` by dvc.yaml."""

import logging

# bitsandbytes warns at each import that an optional kernel of the hub is absent; we never load kernels from a hub.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
