"""What people decided on doubtful values: raw data, keyed by a hash, so that no text of a person lies in Git."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from stages.common.records import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]  # of `digest`
    entity: str
    verdict: Literal["pii", "not_pii"]


VERDICT = TypeAdapter(Verdict)


def read_verdicts(folder: Path) -> dict[str, bool]:
    """`hash` -> is it personal, from every `pii-*.jsonl`; of two verdicts on one value the later file and line counts."""
    files = sorted(folder.glob("pii-*.jsonl"))
    return {row.hash: row.verdict == "pii" for file in files for row in read_rows(file, VERDICT)}
