"""Output that is whole or absent: written beside its place, then renamed into it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `path` only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = partial(path)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
        shutil.rmtree(path, ignore_errors=True)
        folder.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Yield an empty text file that takes the place of `path` only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = partial(path)
    try:
        with target.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        target.replace(path)
    except OSError as error:
        if error.filename not in (None, str(target)):  # of another file, that the block read
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        target.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with whole_file(path) as out:
        out.write(text)
