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

    def halved(self) -> "BatchSize":
        """Half the rows in twice the passes: the same step from less memory.

        Raises:
            InputError: if the rows of one pass cannot be halved.
        """
        if self.rows % 2:
            raise InputError(
                f"qlora_train: out of memory at batch_size {self.rows}; lower max_seq_length, or set packing false"
            )
        return BatchSize(self.rows // 2, self.passes * 2)


def is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or should_reduce_batch_size(error)


def share(rows: int, passes: int, processes: int) -> BatchSize:
    """The part of one of `processes`: passes are divided first, then rows, so that a step stays the same rows."""
    if passes % processes == 0:
        return BatchSize(rows, passes // processes)
    if rows % processes == 0:
        return BatchSize(rows // processes, passes)
    raise InputError(f"qlora_train.devices: neither gradient_accumulation nor batch_size is a multiple of {processes}")
