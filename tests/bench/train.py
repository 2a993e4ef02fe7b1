"""`make bench-train`: the training rate on one GPU, ours beside its peers, in useful tokens a second.

A random model of the true shape: its speed and memory are the true ones, its losses mean nothing. The gates come first:
a path that computes something else is not timed. Each run has its own process, since peers patch classes; Unsloth, which
wants older versions of transformers and TRL, is taken from a folder of its own: UNSLOTH_SITE (tests/bench/README.md).

    python -m tests.bench.train                      gates, then every run
    python -m tests.bench.train RUN...               these runs alone
"""

import json
import os
import subprocess
import sys
import time
from importlib.machinery import PathFinder
from typing import Any

import torch

from tests.bench import fifty, gates
from tests.bench.runs import RUNS, Run
from tests.bench.shape import DEVICE, mistral_7b, tiny
from tests.bench.timed import report, synchronise, timed
from tests.bench.trainers import trainer

RANK = int(os.environ.get("LOCAL_RANK", "0"))
UNSLOTH_SITE = os.environ.get("UNSLOTH_SITE", ".cache/unsloth")
PACKAGES = {"trl_liger": "liger_kernel", "unsloth": "unsloth"}


def measure(name: str, run: Run, *, small: bool) -> dict[str, Any]:
    if run.cap_gb and DEVICE == "cuda":
        torch.cuda.set_per_process_memory_fraction(run.cap_gb * 1e9 / torch.cuda.get_device_properties(0).total_memory)
    return timed(name, run, trainer(run, tiny() if small else mistral_7b()))


def here(name: str, *, small: bool) -> None:
    report(name, lambda: measure(name, RUNS[name], small=small), first=RANK == 0)


def apart(name: str, *, small: bool) -> None:
    """In a process of its own; Unsloth's sees its own folder of packages and not ours."""
    unsloth = RUNS[name].peer == "unsloth"
    module = "tests.bench.unsloth_peer" if unsloth else "tests.bench.train"
    environment = {**os.environ, "PYTHONPATH": UNSLOTH_SITE} if unsloth else None
    command = [sys.executable, "-m", module, name, *(["--small"] if small else [])]
    subprocess.run(command, check=False, env=environment)


def missing(name: str) -> str:
    """The package that a run needs and that isn't there, and where it was sought."""
    peer = RUNS[name].peer
    package, folders = PACKAGES.get(peer, "torch"), [UNSLOTH_SITE] if peer == "unsloth" else sys.path
    if PathFinder.find_spec(package, folders) is not None:
        return ""
    return f"{package} in {UNSLOTH_SITE}" if peer == "unsloth" else package


def ceiling() -> None:
    """TFLOP/s of the matrix products of this machine in this hour: of a burst, and of a third of a second, as a step is long.

    Cards of one kind differ by a tenth, and a card under power slows down.
    """
    a, b = (torch.randn(8192, 8192, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    found = {}
    for name, count in (("burst", 20), ("sustained", 300)):
        time.sleep(1)
        for _ in range(5):
            a @ b
        synchronise()
        begun = time.perf_counter()
        for _ in range(count):
            a @ b
        synchronise()
        found[name] = round(count * 2 * 8192**3 / (time.perf_counter() - begun) / 1e12)
    print("RESULT " + json.dumps({"product_tflops": found}), flush=True)


def main() -> None:
    small = "--small" in sys.argv
    if DEVICE == "cuda":
        torch.cuda.set_device(RANK)
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if not names:
        gates.main(small=small)
        if DEVICE == "cuda":
            ceiling()
            torch.cuda.empty_cache()
        fifty.main(small=small)
    for name in names or RUNS:
        if missing(name):
            print(f"SKIPPED {name}: not installed: {missing(name)}; see tests/bench/README.md", flush=True)
        elif names and RUNS[name].peer != "unsloth":
            here(name, small=small)
        else:
            apart(name, small=small)


if __name__ == "__main__":
    main()
