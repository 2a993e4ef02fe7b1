"""All that a training reads of its data, as rows of tokens."""

from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from stages.common.errors import InputError
from stages.common.prompts import TokenRow
from stages.common.records import read_records
from stages.params.qlora_train import Params
from stages.qlora_train.forgetting import general_rows
from stages.qlora_train.place import Inputs
from stages.qlora_train.rows import balanced, token_rows


@dataclass(frozen=True, slots=True)
class Data:
    train: list[TokenRow]
    weights: list[float] | None
    validation: list[TokenRow]
    general: list[TokenRow]
    too_long: int


def read_data(inputs: Inputs, tokenizer: PreTrainedTokenizerBase, system: str, params: Params) -> Data:
    longest = params.max_seq_length
    records, unseen = read_records(inputs.train), read_records(inputs.validation)
    train, trained = token_rows(records, tokenizer, system, longest)
    validation, _ = token_rows(unseen, tokenizer, system, longest)
    if not train or not validation:
        raise InputError(f"qlora_train.max_seq_length: no row fits into {longest} tokens")
    return Data(
        train=train,
        weights=balanced(train, trained) if params.class_weighting == "balanced" else None,
        validation=validation,
        general=general_rows(inputs.general, tokenizer, longest),
        too_long=len(records) + len(unseen) - len(train) - len(validation),
    )
