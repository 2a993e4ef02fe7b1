"""Files of a Git revision, read without checking it out; a revision of None is the working tree."""

import subprocess
from pathlib import Path
from typing import Any

from stages.common.errors import InputError
from stages.common.records import parse_json


def check_revision(revision: str) -> None:
    """Raises InputError unless Git knows `revision`."""
    if git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise InputError(f"git knows no revision '{revision}'; fetch it, or name a branch, tag or commit")


def text_at(revision: str | None, path: Path) -> str | None:
    """The text of `path`; None where the revision doesn't have it."""
    if revision is None:
        return path.read_text(encoding="utf-8") if path.exists() else None
    return git("show", f"{revision}:./{path.as_posix()}")


def json_at(revision: str | None, path: Path) -> Any | None:
    """The value of a JSON file; None where the revision doesn't have it."""
    text = text_at(revision, path)
    return None if text is None else parse_json(text.encode(), f"{revision or 'working tree'}:{path}")


def lines_changed(revision: str, folder: Path) -> list[tuple[str, str, str]]:
    """Each file below `folder` that the working tree has otherwise than `revision`: lines added, lines removed, path.

    "-" stands for a count where a file is not text; new files count once Git knows them.
    """
    found = git("diff", "--numstat", "--no-renames", "-z", "--relative", revision, "--", folder.as_posix()) or ""
    rows = [line.split("\t", 2) for line in found.split("\0") if line]
    return [(added, removed, path) for added, removed, path in rows]


def git(*arguments: str) -> str | None:
    """What `git` prints; None if it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603, S607
    return done.stdout if done.returncode == 0 else None
