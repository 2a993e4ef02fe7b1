"""Build the review page: one local file for all that waits for a person's verdict.

The page holds text of people: it is written where neither Git nor a remote takes it. What it gives back is raw data:
`pii-*.jsonl` (hash, entity, verdict: no text) and `drafts-*.jsonl`, which `ingest` reads.
"""

from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.records import json_lines
from stages.pages.build import page
from stages.params.ingest import Params
from stages.params.section import load_params
from stages.review.drafts import unreviewed
from stages.review.findings import read_findings, to_review


def main(
    findings: Annotated[Path, typer.Option(help="Doubtful findings of personal data, JSONL.")] = Path(
        "data/interim/pii_queue.jsonl"
    ),
    reviews: Annotated[Path, typer.Option(help="Folder of the verdicts that there are.")] = Path("data/raw/reviews"),
    target: Annotated[Path, typer.Option(help="The page; not in Git.")] = Path("data/interim/review.html"),
) -> None:
    """Build the page on which a person decides what is personal data and which drafts are right."""
    files = sorted(reviews.glob("pii-*.jsonl"))
    decided = {str(row.get("hash")) for path in files for _, row in json_lines(path)}
    doubtful = to_review(read_findings(findings), decided)
    drafts = unreviewed(load_params("ingest", Params))
    data = {
        "state": "stepwise-review",
        "queues": [
            {
                "name": "Personal data",
                "kind": "pii",
                "file": "pii-reviewed.jsonl",
                "id": "hash",
                "fixed": {},
                "items": doubtful,
            },
            {
                "name": "Drafts",
                "kind": "draft",
                "file": "drafts-reviewed.jsonl",
                "id": "draft_id",
                "fixed": {},
                "items": drafts,
            },
        ],
    }
    write_text(target, page("Review", "review", data))
    typer.echo(f"{target}: {len(doubtful)} doubtful findings, {len(drafts)} unchecked drafts.")
    typer.echo(f"Put what the page downloads into {reviews}, under a name that is not taken there.")


if __name__ == "__main__":
    run(main)
