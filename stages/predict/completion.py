"""What every backend gives for a question, and the one reading of generated tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    tokens: int  # generated, the end of sequence included
    truncated: bool  # the answer reached max_new_tokens without ending

    @classmethod
    def of(cls, row: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> "Completion":
        """The generated tokens `row`, up to the end of sequence where there is one."""
        ended = tokenizer.eos_token_id in row
        kept = list(row[: row.index(tokenizer.eos_token_id) + 1]) if ended else list(row)
        return cls(tokenizer.decode(kept, skip_special_tokens=True).strip(), len(kept), not ended)
