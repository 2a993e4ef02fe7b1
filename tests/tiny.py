"""A few rows, and parameters that train on them in a second or two."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from stages.common.models import load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.records import Record
from stages.params.base_model import Params as BaseParams
from stages.params.predict import Params as PredictParams
from stages.params.qlora_train import Params
from stages.params.section import read_params
from stages.qlora_train.__main__ import Trained, train_in_memory
from stages.qlora_train.config import training_arguments
from stages.qlora_train.data import Data
from stages.qlora_train.forgetting import general_rows
from stages.qlora_train.memory import BatchSize
from stages.qlora_train.path import prepared
from stages.qlora_train.rows import balanced, token_rows
from stages.qlora_train.trainer import Trainer, build_trainer
from stages.recipe import apply
from tests.examples import row

TOPICS = ["card", "order", "course", "ticket", "router", "photo"]
ROWS: list[Record] = [
    row(
        f"r{n}",
        f"How do I change the {TOPICS[n % 6]} number {n}?",
        [f"Open {TOPICS[n % 6]} page {n} now.", "Tap Change.", "Tap Save."],
    )
    for n in range(24)
]
OF_TWO_TYPES = [replace(record, task_type="lock_card") if n % 4 == 0 else record for n, record in enumerate(ROWS)]
VALUES = read_params()
apply(VALUES, read_params(Path("recipes/tiny.yaml")))
BASE = BaseParams.model_validate(VALUES["base_model"])
PARAMS = Params.model_validate(
    VALUES["qlora_train"]
    | {
        "epochs": 20.0,
        "batch_size": 4,
        "lora_r": 16,
        "lora_alpha": 64,
        "learning_rate": 0.01,
        "evaluations": 2,
        "lora_dropout": 0.1,
    }
)

PREDICT = PredictParams.model_validate(
    VALUES["predict"] | {"batch_size": 8, "max_new_tokens": 12, "repetition_penalty": 1.0},
)


def changed(**values: Any) -> Params:
    return PARAMS.model_copy(update=values)


def data(base_folder: Path, params: Params) -> Data:
    tokenizer = load_tokenizer(read_base(base_folder))
    train, validation = (token_rows(rows, tokenizer, "", params) for rows in (OF_TWO_TYPES, OF_TWO_TYPES[:4]))
    weights = balanced(train) if params.class_weighting == "balanced" else None
    return Data(train, weights, validation, general_rows(Path("data/raw/general"), tokenizer, 64))


def fine_tune(base_folder: Path, checkpoints: Path, params: Params = PARAMS) -> Trained:
    base = read_base(base_folder)
    return train_in_memory(base, load_tokenizer(base), data(base_folder, params), params, checkpoints)


def trainer(base_folder: Path, folder: Path, params: Params) -> Trainer:
    """The stage's own, before its first step."""
    base = read_base(base_folder)
    tokenizer, rows = load_tokenizer(base), data(base_folder, params)
    make_deterministic(params.seed)
    size = BatchSize(params.batch_size, params.gradient_accumulation)
    ready = prepared(load_quantised(base), params, size, [len(row.input_ids) for row in rows.train.rows])
    arguments = training_arguments(ready.params, len(rows.train.rows), ready.size, torch.float32, folder)
    train, unseen = rows.train.rows, rows.validation.rows
    return build_trainer(ready.model, tokenizer, train, rows.weights, unseen, arguments, ready.params, [])


def losses(work: Any, key: str = "loss") -> list[float]:
    return [entry[key] for entry in work.state.log_history if key in entry]


def hashes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
