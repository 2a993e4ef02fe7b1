"""Where a training keeps its checkpoints: a folder named by all that its result depends on."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

from stages.common.models import Base
from stages.params.qlora_train import Params
from stages.qlora_train.checkpoints import fingerprint

LIBRARIES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate")
CODE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Inputs:
    base: Path
    train: Path
    validation: Path
    general: Path

    def data(self) -> list[Path]:
        return [self.train, self.validation, *sorted(self.general.glob("*.txt"))]


def checkpoints_of(inputs: Inputs, base: Base, params: Params) -> Path:
    """Outside the stage's outputs, which DVC deletes, and in the project's own folder during `dvc exp run --temp` too."""
    values = [
        params.model_dump_json(exclude={"report_to"}),
        torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        *(f"{library} {version(library)}" for library in LIBRARIES),
    ]
    described = [file for file in sorted(inputs.base.rglob("*")) if file.is_file()]
    tokenizer = sorted(Path(base.path).glob("*.json")) if base.source == "local" else []
    code = sorted([*(CODE / "qlora_train").rglob("*.py"), *(CODE / "common").rglob("*.py")])
    name = fingerprint(values, [*inputs.data(), *described, *tokenizer, *code])
    return Path(os.environ.get("DVC_ROOT", "."), ".cache", "qlora_train", name).resolve()


def workspace_lock() -> Path:
    """Two trainings of one workspace would write the same adapter, whatever their parameters."""
    return Path(".cache", "qlora_train.lock")
