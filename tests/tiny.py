"""A few rows, and parameters that train on them in a second or two."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from stages.common.models import load_tokenizer, read_base
from stages.common.records import Record
from stages.params.base_model import Params as BaseParams
from stages.params.qlora_train import Params
from stages.params.section import read_params
from stages.qlora_train.__main__ import Trained, train_in_memory
from stages.qlora_train.data import Data
from stages.qlora_train.forgetting import general_rows
from stages.qlora_train.rows import balanced, token_rows
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


def hashes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
