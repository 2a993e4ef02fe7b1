"""Does the model still speak as before? Loss on rows of ours and perplexity on general text, measured with a plain pass."""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.errors import InputError
from stages.common.prompts import IGNORED, TokenRow


def general_rows(folder: Path, tokenizer: PreTrainedTokenizerBase, longest: int) -> list[TokenRow]:
    """Each line of each text file as a row of its own, trained on whole."""
    lines = [line for file in sorted(folder.glob("*.txt")) for line in file.read_text(encoding="utf-8").splitlines()]
    if not any(line.strip() for line in lines):
        raise InputError(f"{folder}: holds no line of text (*.txt); the forgetting check needs some")
    rows = [tokenizer(line)["input_ids"][:longest] for line in lines if line.strip()]
    return [TokenRow(ids, [IGNORED, *ids[1:]]) for ids in rows]


@torch.no_grad()
def mean_loss(model: PreTrainedModel, rows: Sequence[TokenRow], pad: int, batch_size: int) -> float:
    """Nats a trained token, over all rows; the model is left in the mode that it was in."""
    training = model.training
    model.eval()
    rows = sorted(rows, key=lambda row: len(row.input_ids))  # little padding
    total, tokens = 0.0, 0
    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        width = max(len(row.input_ids) for row in batch)
        ids = torch.tensor([row.input_ids + [pad] * (width - len(row.input_ids)) for row in batch], device=model.device)
        labels = torch.tensor([row.labels + [IGNORED] * (width - len(row.labels)) for row in batch], device=model.device)
        mask = torch.tensor([[1] * len(row.input_ids) + [0] * (width - len(row.input_ids)) for row in batch])
        logits = model(input_ids=ids, attention_mask=mask.to(ids.device)).logits[:, :-1].float()
        trained = labels[:, 1:] != IGNORED
        total += torch.nn.functional.cross_entropy(logits[trained], labels[:, 1:][trained], reduction="sum").item()
        tokens += int(trained.sum())
    model.train(training)
    return total / tokens


def perplexity(loss: float) -> float:
    """Capped, so that a model gone astray is a large number and not none."""
    if not math.isfinite(loss):
        raise InputError(
            f"qlora_train: the loss on general text is {loss}; lower learning_rate, or set base_model.precision auto"
        )
    return math.exp(min(loss, 20.0))
