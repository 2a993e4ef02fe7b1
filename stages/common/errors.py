"""How a stage begins and ends: one message that a user can act on, exit code 1, no traceback, and its time kept."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import typer
from safetensors import SafetensorError

TIMES = Path(os.environ.get("DVC_ROOT", "."), ".cache", "times")


class InputError(Exception):
    """The user's data, parameters or machine are at fault; the message says where and what would be right."""


def run(main: Callable[..., None]) -> None:
    """Run `main` as a command line; its signature is the interface, its docstring the `--help`."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:  # no disk space, no permission, no such file
        sys.exit(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}")
    except SafetensorError as error:  # its own name for the same, where weights are written
        sys.exit(f"error: the weights cannot be read or written: {error}")
    except SystemExit as end:
        if not end.code:
            keep_time(os.environ.get("DVC_STAGE"))
        raise


def keep_time(stage: str | None) -> None:
    """Seconds since this process began, imports included; kept outside the metrics, which must not change by themselves."""
    if stage is None:
        return
    TIMES.mkdir(parents=True, exist_ok=True)
    (TIMES / stage).write_text(f"{time.time() - psutil.Process().create_time():.1f}\n")
