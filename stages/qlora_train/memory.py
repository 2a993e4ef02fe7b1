"""What to do where memory does not suffice: smaller passes, and more of them to a step."""

from dataclasses import dataclass

import torch
from accelerate.utils.memory import should_reduce_batch_size

from stages.common.errors import InputError


@dataclass(frozen=True, slots=True)
class BatchSize:
    """Rows in one pass of one process, and passes to a step; their product does not change with memory."""

    rows: int
    passes: int

    def smaller(self) -> "BatchSize":
        """Half the rows in twice the passes, a third of an odd number in three times: the same step from less memory.

        Raises:
            InputError: if one row is too much.
        """
        if self.rows == 1:
            raise InputError(
                "qlora_train: out of memory at batch_size 1; lower max_seq_length, or set gradient_checkpointing true"
            )
        parts = next(parts for parts in range(2, self.rows + 1) if self.rows % parts == 0)
        return BatchSize(self.rows // parts, self.passes * parts)


def is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or should_reduce_batch_size(error)


def share(rows: int, passes: int, processes: int) -> BatchSize:
    """The part of one of `processes`: passes are divided first, then rows, so that a step stays the same rows."""
    if passes % processes == 0:
        return BatchSize(rows, passes // processes)
    if rows % processes == 0:
        return BatchSize(rows // processes, passes)
    raise InputError(f"qlora_train.devices: neither gradient_accumulation nor batch_size is a multiple of {processes}")
