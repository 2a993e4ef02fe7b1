"""Output that is whole or absent: written beside its place, then renamed into it."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO


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
    with whole_file(path) as out:
        out.writelines(lines)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Yield a file that takes the place of `path` only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = partial(path)
    try:
        with target.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        target.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (
            None,
            str(target),
        ):  # of a library, or of a file that the lines came from
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        target.unlink(missing_ok=True)


def scratch(path: Path) -> IO[str]:
    """A file without a name beside `path`, for lines that are soon read again; gone when closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return TemporaryFile("w+", encoding="utf-8", newline="\n", dir=path.parent)
