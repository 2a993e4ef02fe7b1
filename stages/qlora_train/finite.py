"""A loss or a gradient that is no number ends the training, and the GPU never waits for somebody to look."""

import math
from collections import deque
from dataclasses import dataclass

import torch
from torch import Tensor

from stages.common.errors import InputError


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    step: int
    host: Tensor
    come: torch.cuda.Event | None  # when the value is on the host; None: it is

    def refuse(self) -> None:
        if self.come is not None:
            self.come.synchronize()
        if not math.isfinite(self.host):
            raise InputError(
                f"qlora_train: {self.name} is {float(self.host)} at step {self.step}; lower qlora_train.learning_rate"
            )


class Finite:
    """Values of a GPU are looked at when the next step's have been asked for, and all of them before anything is saved; those
    of a CPU at once, before they reach the weights."""

    def __init__(self) -> None:
        self.under_way: deque[Value] = deque()

    def watch(self, name: str, step: int, value: Tensor) -> None:
        come = None
        host = value.detach().to("cpu", non_blocking=True)
        if value.is_cuda:
            come = torch.cuda.Event()
            come.record()
        self.under_way.append(Value(name, step, host, come))
        self.look(before=step + (come is None))

    def look(self, before: float = math.inf) -> None:
        """Raise InputError where a value of a step before that one is no number."""
        while self.under_way and self.under_way[0].step < before:
            self.under_way.popleft().refuse()
