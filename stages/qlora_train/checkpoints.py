"""Checkpoints that a killed run goes on from, to the same bytes as one that was never killed.

They lie outside the stage's outputs, in a folder named by all that the training depends on. Each is sealed by a list of its
files' hashes, written last: one that was cut short, or damaged since, has no valid seal and is skipped by name.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from stages.common.files import write_text
from stages.qlora_train.progress import say

SEAL = "seal.json"
STATE = "trainer_state.json"
KEPT = 2  # checkpoints to fall back on, and the best ones that they name


def file_hash(file: Path) -> str:
    with file.open("rb") as opened:
        digest = sha256()
        while chunk := opened.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def fingerprint(values: Iterable[str], files: Iterable[Path]) -> str:
    """A name for a training: the same only where every value and the bytes of every file are."""
    parts = [*values, *(f"{file.name} {file_hash(file)}" for file in files)]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def seal(folder: Path) -> None:
    hashes = {str(file.relative_to(folder)): file_hash(file) for file in content(folder)}
    write_text(folder / SEAL, json.dumps(hashes, indent=2, sort_keys=True) + "\n")


def content(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != SEAL)


def newest_first(checkpoints: Path) -> list[Path]:
    return sorted(checkpoints.glob("checkpoint-*"), key=lambda folder: int(folder.name.split("-")[1]), reverse=True)


def fault(folder: Path) -> str:
    """What is wrong with a checkpoint, or with the best one that it names; empty: nothing."""
    own = own_fault(folder)
    if own:
        return own
    best = best_of(folder)
    if best is None or best == folder:
        return ""
    return f"{best.name}, the best so far, {own_fault(best)}" if own_fault(best) else ""


def own_fault(folder: Path) -> str:
    try:
        hashes = json.loads((folder / SEAL).read_bytes())
    except (OSError, ValueError):
        return "was not saved to its end"
    for name, digest in hashes.items():
        file = folder / name
        if not file.is_file():
            return f"has lost {name}"
        if file_hash(file) != digest:
            return f"has a damaged {name}"
    return ""


def best_of(folder: Path) -> Path | None:
    best = json.loads((folder / STATE).read_bytes())["best_model_checkpoint"]
    return None if best is None else Path(best)


def last_whole(checkpoints: Path) -> Path | None:
    """The newest checkpoint that can be gone on from; damaged ones are named and removed."""
    for folder in newest_first(checkpoints):
        wrong = fault(folder)
        if not wrong:
            say(f"going on from {folder}")
            return folder
        say(f"skipped {folder}: it {wrong}" if not wrong.startswith("checkpoint-") else f"skipped {folder}: {wrong}")
        remove(folder)
    return None


def prune(checkpoints: Path) -> None:
    """Keep the last ones and the best that each of them names."""
    sealed = [folder for folder in newest_first(checkpoints) if (folder / SEAL).exists()]
    kept = {folder.name for folder in sealed[:KEPT]}
    kept |= {best.name for folder in sealed[:KEPT] if (best := best_of(folder)) is not None}
    for folder in newest_first(checkpoints):
        if folder.name not in kept:
            remove(folder)


def remove(folder: Path) -> None:
    (folder / SEAL).unlink(missing_ok=True)  # first: a removal cut short must not look whole
    shutil.rmtree(folder, ignore_errors=True)
