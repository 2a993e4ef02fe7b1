"""Where the losses are shown beside the terminal: a tracker of the user's choice, which changes no output.

The packages are not installed with the project. What those that write files write stands below .cache.
"""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from transformers import TrainerCallback
from transformers.integrations import DVCLiveCallback, MLflowCallback, TensorBoardCallback, WandbCallback

from stages.common.errors import InputError


def folder(tracker: str) -> Path:
    place = Path(".cache", "tracking", tracker).absolute()
    place.mkdir(parents=True, exist_ok=True)
    return place


def dvclive() -> TrainerCallback:
    from dvclive import Live  # noqa: PLC0415 - an optional package

    # The curves alone: DVC itself keeps the parameters, and an experiment of its own would be a second commit.
    return DVCLiveCallback(live=Live(str(folder("dvclive")), save_dvc_exp=False, dvcyaml=None, report=None))


def tensorboard() -> TrainerCallback:
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an optional package

    return TensorBoardCallback(SummaryWriter(str(folder("tensorboard"))))


def wandb() -> TrainerCallback:
    os.environ.setdefault("WANDB_DIR", str(folder("wandb")))
    return WandbCallback()


def mlflow() -> TrainerCallback:
    os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{folder('mlflow')}/runs.db")
    return MLflowCallback()


TRACKERS: dict[str, Callable[[], TrainerCallback]] = {
    "dvclive": dvclive,
    "tensorboard": tensorboard,
    "wandb": wandb,
    "mlflow": mlflow,
}


def trackers(report_to: str) -> list[TrainerCallback]:
    """The callback of a tracker; none for `none`."""
    if report_to == "none":
        return []
    if find_spec(report_to) is None:
        raise InputError(f"qlora_train.report_to: {report_to} is not installed; pip install {report_to}, or set it to none")
    return [TRACKERS[report_to]()]
