"""All that a training reads of its data, as rows of tokens."""

from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from stages.common.errors import InputError
from stages.common.lengths import Fitted
from stages.common.prompts import TokenRow
from stages.common.records import read_records
from stages.params.qlora_train import Params
from stages.qlora_train.forgetting import general_rows
from stages.qlora_train.place import Inputs
from stages.qlora_train.rows import balanced, token_rows


@dataclass(frozen=True, slots=True)
class Data:
    train: Fitted
    weights: list[float] | None  # of the training rows; none: all alike
    validation: Fitted
    general: list[TokenRow]


def read_data(inputs: Inputs, tokenizer: PreTrainedTokenizerBase, system: str, params: Params) -> Data:
    train, validation = (
        token_rows(read_records(path), tokenizer, system, params) for path in (inputs.train, inputs.validation)
    )
    if not train.rows or not validation.rows:
        raise InputError(f"qlora_train.max_seq_length: no row fits into {params.max_seq_length} tokens")
    return Data(
        train=train,
        weights=balanced(train) if params.class_weighting == "balanced" else None,
        validation=validation,
        general=general_rows(inputs.general, tokenizer, params.max_seq_length),
    )
