"""Records as rows of tokens, and rows as batches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from stages.common.lengths import Fitted, fitted
from stages.common.prompts import IGNORED, TokenRow, training_row
from stages.common.records import Record
from stages.params.qlora_train import Params

WEIGHT = "loss_weight"


def token_rows(records: Sequence[Record], tokenizer: PreTrainedTokenizerBase, system: str, params: Params) -> Fitted:
    return fitted(
        records,
        lambda question, answer: training_row(tokenizer, question, answer, system),
        params.max_seq_length,
        params.too_long,
    )


def balanced(train: Fitted) -> list[float]:
    """A weight a row: inverse to the number of rows of its task type, and 1 on average over the trained tokens."""
    sizes = Counter(record.task_type for record in train.records)
    tokens = [sum(label != IGNORED for label in row.labels) for row in train.rows]
    inverse = [1 / sizes[record.task_type] for record in train.records]
    scale = sum(tokens) / sum(weight * count for weight, count in zip(inverse, tokens, strict=True))
    return [weight * scale for weight in inverse]


def dataset(rows: Sequence[TokenRow], weights: Sequence[float] | None = None) -> Dataset:
    columns: dict[str, list[Any]] = {
        "input_ids": [row.input_ids for row in rows],
        "labels": [row.labels for row in rows],
    }
    return Dataset.from_dict(columns if weights is None else columns | {WEIGHT: list(weights)})


class Batches:
    """Rows as one batch: padded to the longest, or packed end to end with positions that begin anew at each row.

    Packed or not, a batch is the same rows, so that packing changes the speed and not the training: the model sees from the
    positions where a row begins, and no token attends to another row.
    """

    def __init__(self, pad_token_id: int, *, packing: bool) -> None:
        self.packing = packing
        self.collate = DataCollatorForLanguageModeling(pad_token_id=pad_token_id, padding_free=packing)

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = self.collate(list(rows))
        if WEIGHT in rows[0]:
            batch[WEIGHT] = self.weights(rows, batch["labels"].shape)
        return batch

    def weights(self, rows: Sequence[Mapping[str, Any]], shape: torch.Size) -> torch.Tensor:
        """The weight of each token's row, in the shape of the labels."""
        weights = torch.tensor([row[WEIGHT] for row in rows])
        if self.packing:
            return weights.repeat_interleave(torch.tensor([len(row["input_ids"]) for row in rows]))[None]
        return weights[:, None].expand(shape).contiguous()
