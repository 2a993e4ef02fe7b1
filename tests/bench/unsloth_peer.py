"""Unsloth's runs of `make bench-train`: it patches the other libraries when it is imported, and loads a model from a folder.

python -m tests.bench.unsloth_peer RUN [--small]     started by tests.bench.train, which chooses its packages
"""

import os

os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", ".cache/unsloth_compiled")
import unsloth  # first: what is imported before it stays unpatched

# isort: split
import sys
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from tests.bench.runs import LONGEST, RUNS, Run, dataset, unpacked
from tests.bench.shape import DTYPE, build, mistral_7b, save, tiny
from tests.bench.timed import common_options, peer_options, report, timed


def saved(*, small: bool) -> Path:
    """Written once: 4 GB for the true shape."""
    folder = Path(".cache/bench/tiny" if small else ".cache/bench/mistral-7b")
    if not (folder / "config.json").exists():
        save(build(tiny() if small else mistral_7b()), folder)
    return folder


def measure(name: str, run: Run, *, small: bool) -> dict[str, Any]:
    recompute = "unsloth" if run.recompute else False
    model, tokenizer = unsloth.FastLanguageModel.from_pretrained(
        str(saved(small=small)), max_seq_length=LONGEST, load_in_4bit=True, dtype=DTYPE, local_files_only=True,
        use_gradient_checkpointing=recompute,
    )  # fmt: skip
    adapted = unsloth.FastLanguageModel.get_peft_model(
        model, r=run.rank, lora_alpha=32, lora_dropout=run.dropout, target_modules=list(run.targets), random_state=0,
        use_gradient_checkpointing=recompute,
    )  # fmt: skip
    vocabulary = model.config.vocab_size
    # Its packing is a part of its dataset's preparation; rows that need none are left alone.
    rows = (
        Dataset.from_list([{"input_ids": row} for row in unpacked(run, vocabulary)]) if run.packed else dataset(run, vocabulary)
    )
    prepared = None if run.packed else {"skip_prepare_dataset": True}
    trainer = SFTTrainer(
        model=adapted,
        args=SFTConfig(
            **common_options(run), **peer_options(run), max_length=LONGEST, packing=run.packed, dataset_kwargs=prepared
        ),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    return timed(name, run, trainer)


if __name__ == "__main__":
    chosen, tried = sys.argv[1], "--small" in sys.argv
    report(chosen, lambda: measure(chosen, RUNS[chosen], small=tried))
