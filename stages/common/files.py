"""Output that is whole or absent: written beside its place, then renamed into it."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


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


def write_text(path: Path, text: str) -> None:
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Each line with its own end, none held longer than it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = partial(path)
    try:
        with target.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(lines)
        target.replace(path)
    except OSError as error:
        if error.filename not in (None, str(target)):  # of another file, that the lines came from
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        target.unlink(missing_ok=True)
