"""What `make bench-train` times: the recipe of every run, ours and the peers', and its rows."""

import os
from dataclasses import dataclass, replace
from typing import Any

from datasets import Dataset

from tests.bench.shape import alpaca_like, rows

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]
LONGEST = 512
WORLD = int(os.environ.get("WORLD_SIZE", "1"))  # set by `accelerate launch` and `torchrun`


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    peer: str = "ours"  # ours | trl | trl_liger | unsloth
    full: bool = False  # every row 512 tokens; else lengths as in alpaca
    rows: int = 32  # in one pass; of 512 tokens where packed
    accumulation: int = 1
    rank: int = 16
    dropout: float = 0.05
    targets: tuple[str, ...] = tuple(ALL)
    packed: bool = True
    recompute: bool = False
    offload: bool = False
    cache: bool = True
    cap_gb: float = 0  # of GPU memory, enforced; 0: none
    steps: int = 12
    distinct: int = 0  # rows, repeated; 0: none is seen twice
    learning_rate: float = 2e-4
    optimizer: str = "paged_adamw_32bit"  # as the peers' runs


RECIPE = Run(rank=8, targets=tuple(ATTENTION), packed=False, rows=8, accumulation=1)  # zephyr: 4 x 2 rows
LEAN = Run(full=True, rows=8, dropout=0.0, recompute=True, cache=False)
LIGER = Run(peer="trl_liger", rows=8, accumulation=4)
UNSLOTH = Run(peer="unsloth", rows=8, accumulation=4)
RUNS = {
    "ours alpaca": Run(),
    "ours alpaca, 32 rows a step": Run(packed=False),
    "ours alpaca, fused AdamW": Run(optimizer="adamw_torch_fused"),
    "ours alpaca, fused AdamW, no dropout": Run(optimizer="adamw_torch_fused", dropout=0.0),
    "ours 512": Run(full=True, dropout=0.0),
    "ours 512, fused AdamW": Run(full=True, dropout=0.0, optimizer="adamw_torch_fused"),
    "ours 512, one batch over all GPUs": Run(full=True, dropout=0.0, rows=max(1, 32 // WORLD), optimizer="adamw_torch_fused"),
    "ours zephyr": RECIPE,
    "ours 8x512 recomputing": LEAN,
    "ours 8x512 lean": replace(LEAN, offload=True),
    "ours 8x512 under 8 GB": replace(LEAN, offload=True, cap_gb=8),
    "trl zephyr": replace(RECIPE, peer="trl", rows=4, accumulation=2, recompute=True),
    "trl alpaca": Run(peer="trl", rows=8, accumulation=4, packed=False, recompute=True),
    "trl+liger alpaca packed": LIGER,
    "trl+liger 512": replace(LIGER, full=True, dropout=0.0, packed=False),
    "unsloth alpaca packed": UNSLOTH,
    "unsloth alpaca packed, recomputing": replace(UNSLOTH, recompute=True),
    "unsloth 512": replace(UNSLOTH, full=True, dropout=0.0, packed=False),
}


def packed_rows(drawn: list[list[int]], bins: int) -> list[dict[str, Any]]:
    """First fit into `bins` rows of at most LONGEST tokens: what TRL's packing gives, without its map over a dataset."""
    made: list[list[list[int]]] = []
    for row in sorted(drawn, key=len, reverse=True):
        place = next((pack for pack in made if sum(map(len, pack)) + len(row) <= LONGEST), None)
        if place is None:
            made.append([row])
        else:
            place.append(row)
    flat = []
    for pack in made:
        ids = [token for row in pack for token in row]
        flat.append({"input_ids": ids, "labels": ids, "seq_lengths": [len(row) for row in pack]})
    return [row for row in flat if sum(row["seq_lengths"]) > LONGEST * 0.97][:bins]


def wanted(run: Run) -> int:
    return run.distinct or run.rows * run.accumulation * run.steps * WORLD


def unpacked(run: Run, vocabulary: int) -> list[list[int]]:
    """Enough rows for every step, packed or not."""
    if run.full:
        return rows(wanted(run), vocabulary, lambda _: LONGEST)
    return rows(int(wanted(run) * (5.5 if run.packed else 1)), vocabulary, alpaca_like)


def dataset(run: Run, vocabulary: int) -> Dataset:
    drawn = unpacked(run, vocabulary)
    if run.packed and not run.full:
        return Dataset.from_list(packed_rows(drawn, wanted(run)))
    flat = [{"input_ids": row, "labels": row} for row in drawn]
    return Dataset.from_list([{**row, "seq_lengths": [LONGEST]} for row in flat] if run.packed else flat)
