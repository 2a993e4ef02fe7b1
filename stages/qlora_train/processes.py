"""Several GPUs: the stage starts itself again, one process a GPU, and Accelerate shares the rows and joins the gradients (DDP).

By hand the same is `accelerate launch -m stages.qlora_train ...` or `torchrun`: the processes that these start are told apart
by LOCAL_RANK.
"""

import os
import sys

import torch
from accelerate import PartialState

from stages.common.errors import InputError

STAGE = "stages.qlora_train"


def spread(devices: int) -> None:
    """Become the launcher of `devices` processes of this same command; return where one is enough or this is one of them."""
    if "LOCAL_RANK" in os.environ:
        return
    if devices == 1:
        see_one_gpu()
        return
    if torch.cuda.is_available() and torch.cuda.device_count() < devices:
        raise InputError(f"qlora_train.devices: {devices} asked for, {torch.cuda.device_count()} here")
    # The address: a machine's own name need not resolve, and its processes would wait for each other for ever.
    here = ["--standalone", "--local-addr", "127.0.0.1", "--nproc_per_node", str(devices)]
    launcher = [sys.executable, "-m", "torch.distributed.run", *here]
    os.execv(sys.executable, [*launcher, "-m", STAGE, *sys.argv[1:]])  # noqa: S606 - our own command, no shell


def see_one_gpu() -> None:
    """Begin again with the first GPU alone where there are several: Trainer would use them all by threads, and TRL refuses."""
    if torch.cuda.device_count() > 1:
        first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        again = [sys.executable, "-m", STAGE, *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "CUDA_VISIBLE_DEVICES": first})  # noqa: S606 - our own command


def this_process() -> PartialState:
    """Which of the processes this is, and how many there are; the first one alone writes."""
    return PartialState(cpu=not torch.cuda.is_available())
