"""Run a command and tell its time by the wall and on the processor, and the most memory that it held.

A process counts as its own the memory of the one that started it. So the command is started by a small process: this file.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    seconds: float
    cpu: float  # seconds of all its processes: what a busy machine leaves comparable
    gib: float  # resident memory at its peak; of the largest process where a command has several


def measured(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Usage:
    """Raises subprocess.CalledProcessError, with what the command said, where it fails."""
    log, usage = folder / "benchmark.log", folder / "benchmark.json"
    start = time.perf_counter()
    with log.open("wb") as out:
        between = [sys.executable, "-S", __file__, str(usage), *command]
        code = subprocess.run(
            between, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
    seconds = time.perf_counter() - start
    if code:
        raise subprocess.CalledProcessError(code, command, log.read_text(errors="replace")[-4000:])
    return Usage(seconds, **json.loads(usage.read_text()))


def run(target: Path, command: Sequence[str]) -> int:
    code = subprocess.call(command)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    target.write_text(json.dumps({"cpu": used.ru_utime + used.ru_stime, "gib": used.ru_maxrss / 2**20}))
    return code


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
