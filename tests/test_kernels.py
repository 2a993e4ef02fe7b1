"""The GPU's kernels compute their formulas: here interpreted on a CPU; `make bench-train` holds all of them on the GPU itself."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest


@pytest.mark.skipif(find_spec("triton") is None, reason="Triton comes with the CUDA build of torch, and this is another")
def test_the_kernels_of_the_fast_path_compute_their_formulas() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kernels_on_cpu"], env={**os.environ, "TRITON_INTERPRET": "1"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
