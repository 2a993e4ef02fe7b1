"""One training in one place at a time, and none without the `dvc` that began it."""

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.common.errors import InputError

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def die_with_parent() -> None:
    """A killed `dvc` would leave its stage training. On Linux the kernel ends the stage too; elsewhere the lock still holds."""
    if "DVC_STAGE" not in os.environ or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if is_orphan():  # killed while this process was still importing: the kernel was asked too late
        os.kill(os.getpid(), signal.SIGKILL)


def is_orphan() -> bool:
    """`dvc` shares its process group with its stages, and whoever inherits an orphan has another.

    One of several processes may be in a session of its own; without its launcher it ends at the first word to the others.
    """
    return "LOCAL_RANK" not in os.environ and os.getpgid(os.getppid()) != os.getpgrp()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold `lock`, which names its holder's process; the kernel lets go of it however the holder ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise InputError(f"{lock}: process {held.read().strip()} is training here; wait for it or end it") from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        yield
