"""Kill a tiny training with SIGKILL at random moments, run it again, and compare every byte of its outputs.

    python -m tests.kill_resume --kills 20

Half of the kills strike while a checkpoint is being written: the training itself sets the clock as a save begins, and after the
save waits for the blow. Of the others, one that came too late is struck again. Each attempt is a fork of one process that has
imported the stage and run nothing, so that a kill falls into training and not into imports.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from stages.base_model import embed
from stages.common.errors import run
from stages.common.records import write_jsonl
from stages.qlora_train.__main__ import main as stage
from stages.qlora_train.checkpoints import SEAL
from stages.qlora_train.trainer import Trainer
from tests.tiny import BASE, PARAMS, ROWS, VALUES, hashes

LONGEST_SAVE = 0.1  # seconds
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


def train_until_a_save(number: int, seconds: float) -> None:
    """Die so many seconds after the beginning of a save, or at its end if that comes first."""
    save = Trainer._save_checkpoint

    def fatal(self: Trainer, *args: Any) -> None:
        if self.state.global_step // self.args.save_steps == number:
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        save(self, *args)
        if self.state.global_step // self.args.save_steps == number:
            signal.pause()

    Trainer._save_checkpoint = fatal  # type: ignore[method-assign]
    train()


def killed_in_a_save(rng: random.Random) -> str:
    number, seconds = rng.randint(1, 6), rng.uniform(0, LONGEST_SAVE)
    _, status = os.waitpid(fork(lambda: train_until_a_save(number, seconds)), 0)
    assert os.WIFSIGNALED(status), Path("log").read_text()[-3000:]
    return f"{seconds:.3f} s of save {number}{', before its end' if unsealed() else ''}"


def killed(rng: random.Random, lasts: float) -> str:
    """Kill a training of at most `lasts` seconds; one that had ended before is begun anew, to be killed earlier."""
    seconds = rng.uniform(0, lasts)
    child = fork(train)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"{seconds:.2f} s{', while saving' if unsealed() else ''}"
    shutil.rmtree("out", ignore_errors=True)
    return killed(rng, seconds)


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
        where = killed_in_a_save(rng) if number % 2 else killed(rng, lasts)
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
