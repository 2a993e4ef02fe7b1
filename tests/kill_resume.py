"""Kill a tiny training with SIGKILL at random moments, run it again, and compare every byte of its outputs.

    python -m tests.kill_resume --kills 20

Half of the kills strike while a checkpoint is being written. Each attempt is a fork of one process that has imported the stage
and run nothing, so that a kill falls into training and not into imports.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import typer
from ruamel.yaml import YAML

from stages.base_model import embed
from stages.common.errors import run
from stages.common.records import write_jsonl
from stages.qlora_train.__main__ import main as stage
from stages.qlora_train.checkpoints import SEAL
from tests.tiny import BASE, PARAMS, ROWS, VALUES, hashes

ARGUMENTS = ["base", "train.jsonl", "validation.jsonl", "general", "out/adapter", "out/train.json", "out/plots"]


def fork(action: Callable[[], None]) -> int:
    """Start `action` in a process of its own; returns its id."""
    child = os.fork()
    if child:
        return child
    log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        action()
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    os._exit(0)


def train() -> None:
    sys.argv = ["qlora_train", *ARGUMENTS]
    run(stage)


def finish() -> None:
    _, status = os.waitpid(fork(train), 0)
    if status:
        sys.exit(f"training failed:\n{Path('log').read_text()[-3000:]}")


def workspace() -> None:
    for name in ("train", "validation"):
        write_jsonl(Path(f"{name}.jsonl"), [asdict(record) for record in ROWS[: 24 if name == "train" else 4]])
    values = VALUES | {"qlora_train": PARAMS.model_copy(update={"epochs": 4.0, "evaluations": 6}).model_dump()}
    YAML().dump(values, Path("params.yaml"))
    os.waitpid(fork(lambda: embed(ROWS, BASE, Path("base")) and None), 0)


def unsealed() -> list[Path]:
    return [folder for folder in Path(".cache").glob("qlora_train/*/checkpoint-*") if not (folder / SEAL).exists()]


def killed(rng: random.Random, lasts: float, *, inside_a_save: bool) -> str:
    """Kill a training at a random moment, or in the midst of a random save; returns where it was."""
    child = fork(train)
    begun, wanted, seen = time.monotonic(), rng.randint(1, 6), set[Path]()
    moment = begun + rng.uniform(0, lasts)
    while not os.waitpid(child, os.WNOHANG)[0]:
        if inside_a_save:
            seen.update(unsealed())
        if len(seen) >= wanted if inside_a_save else time.monotonic() >= moment:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.0005)
    saving = ", while saving " + unsealed()[0].name if unsealed() else ""
    return f"{time.monotonic() - begun:.2f} s{saving}"


def main(kills: int = 20, seed: int = 0) -> None:
    """Print one line a kill; exit 1 if any resumed run differs."""
    home, folder = Path.cwd(), Path(tempfile.mkdtemp())
    os.chdir(folder)
    shutil.copytree(home / "data/raw/general", "general")
    workspace()
    begun = time.monotonic()
    finish()
    lasts, whole = time.monotonic() - begun, hashes(Path("out"))
    rng, same = random.Random(seed), 0
    for number in range(kills):
        shutil.rmtree("out")
        shutil.rmtree(".cache")
        where = killed(rng, lasts, inside_a_save=number % 2 == 1)
        finish()
        went_on = [line.split("/")[-1] for line in Path("log").read_text().splitlines() if "going on from" in line]
        same += hashes(Path("out")) == whole
        outcome = "same bytes" if hashes(Path("out")) == whole else "DIFFERENT"
        print(f"kill {number + 1} after {where}; went on from {went_on[0] if went_on else 'the start'}: {outcome}", flush=True)
    print(f"{same} of {kills} resumed runs gave the bytes of one that was never killed")
    shutil.rmtree(folder)
    sys.exit(same < kills)


if __name__ == "__main__":
    typer.run(main)
