"""Several GPUs: the stage starts itself again under `accelerate launch`, one process a GPU (DDP)."""

import os
import sys

import torch

from stages.common.errors import InputError

STAGE = "stages.qlora_train"


def spread(devices: int) -> None:
    """Become the launcher of `devices` processes of this same command; return where one is enough or this is one of them."""
    if devices == 1 or "LOCAL_RANK" in os.environ:
        return
    if torch.cuda.is_available() and torch.cuda.device_count() < devices:
        raise InputError(f"qlora_train.devices: {devices} asked for, {torch.cuda.device_count()} here")
    kind = "--multi_gpu" if torch.cuda.is_available() else "--cpu"
    options = [kind, "--num_processes", devices, "--num_machines", 1, "--mixed_precision", "no", "--dynamo_backend", "no"]
    command = [sys.executable, "-m", "accelerate.commands.launch", *options, "--main_process_port", 0, "--module", STAGE]
    os.execv(sys.executable, [str(word) for word in [*command, *sys.argv[1:]]])  # noqa: S606 - our own command, no shell
