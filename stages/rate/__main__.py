"""Build the rating page of one rater: one file to send, which works offline, and a key that stays here.

The verified answer is folded away on the page: shown at once it would make raters compare wordings, which the automatic
metrics do already; without it nobody could judge the accuracy of help for a product that they don't know. Whether a
rater opened it is part of the rating.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from stages.common.errors import InputError, run
from stages.common.files import write_text
from stages.common.ratings import COMMITMENTS, CRITERIA, KEY, Answers, Key, KeyItem, fingerprint, read_commitments
from stages.common.records import Record, explain, read_records
from stages.pages.build import page
from stages.rate.answers import read_answers
from stages.rate.assignment import OTHER, Placed, assign, sample


def key_item(placed: Placed, answers: Answers) -> KeyItem:
    other = OTHER[placed.a]
    return KeyItem(
        item=placed.item,
        record=placed.record,
        repeat=placed.repeat,
        a=placed.a,
        b=other,
        a_answer=fingerprint(answers[placed.a][placed.record]),
        b_answer=fingerprint(answers[other][placed.record]),
    )


def shown(placed: Placed, record: Record, answers: Answers) -> dict[str, str]:
    """All that a rater gets to see of an item."""
    return {
        "item": placed.item,
        "language": record.language,
        "question": record.prompt,
        "reference": record.response,
        "a": answers[placed.a][record.id],
        "b": answers[OTHER[placed.a]][record.id],
    }


def sheet(rater: str, items: Sequence[Mapping[str, str]]) -> str:
    """The page, self-contained."""
    name = sha256(json.dumps([item["item"] for item in items]).encode()).hexdigest()[:16]
    queue = {
        "name": "Answers",
        "kind": "rating",
        "file": f"{rater}.jsonl",
        "id": "item",
        "fixed": {"rater": rater},
        "items": items,
    }
    rubric = [{"name": name, "hint": hint} for name, hint in CRITERIA.items()]
    data: dict[str, Any] = {"state": f"stepwise-rating-{name}", "queues": [queue], "rubric": rubric}
    return page(f"Which answer helps more? Sheet of {rater}", "rate", data)


def known_seed(path: Path, rater: str) -> str:
    """The seed of this rater's key, so that a lost page can be built again; else a new secret."""
    if not path.exists():
        return secrets.token_hex(16)
    try:
        key = KEY.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path}: {explain(error)}") from None
    if key.rater != rater:
        raise InputError(f"{path}: field 'rater': is the key of {key.rater!r}, not of {rater!r}")
    return key.seed


def commit(path: Path, rater: str, value: str) -> None:
    """Publish the hash of a key; a rater's hash, once published, stands."""
    published = read_commitments(path)
    if published.setdefault(rater, value) != value:
        raise InputError(
            f"{path}: a sheet of {rater} with other answers, items or repeats is published; take another name, as {rater}-2"
        )
    write_text(path, "rater,sha256\n" + "".join(f"{name},{value}\n" for name, value in published.items()))


def main(
    rater: Annotated[str, typer.Argument(help="Short name of the rater: a-z, 0-9 and '-'.")],
    items: Annotated[int, typer.Option(min=1, help="Test questions to rate, the same for every rater.")] = 60,
    repeats: Annotated[int, typer.Option(min=0, help="Items shown a second time, to see how steady the rater is.")] = 6,
    test: Annotated[Path, typer.Option(help="Test split, JSONL.")] = Path("data/splits/test.jsonl"),
    predictions: Annotated[Path, typer.Option(help="Folder of both systems' answers.")] = Path("data/predictions"),
    target: Annotated[Path, typer.Option(help="Folder for page and key; not in Git.")] = Path("data/interim/rating"),
    ratings: Annotated[Path, typer.Option(help="Folder of the ratings; gets the hash of the key.")] = Path("data/raw/ratings"),
) -> None:
    """Build the page of one rater and publish the hash of its key."""
    if not rater.isascii() or not rater.replace("-", "a").isalnum() or rater != rater.lower() or rater.startswith("judge"):
        raise InputError(f"{rater!r}: a rater's name has only a-z, 0-9 and '-', and does not begin with 'judge'")
    records = {record.id: record for record in read_records(test)}
    answers = read_answers(predictions, records)
    key_file = target / "keys" / f"{rater}.key.json"
    seed = known_seed(key_file, rater)
    placed = assign(sample(list(records), items), repeats, seed)
    key = Key(rater=rater, seed=seed, items=[key_item(place, answers) for place in placed])
    text = json.dumps(asdict(key), indent=1, sort_keys=True) + "\n"
    commit(ratings / COMMITMENTS, rater, sha256(text.encode()).hexdigest())
    write_text(key_file, text)
    write_text(target / f"{rater}.html", sheet(rater, [shown(place, records[place.record], answers) for place in placed]))
    typer.echo(f"{target / rater}.html is the page for the rater. Commit {ratings / COMMITMENTS} before you send it.")
    typer.echo(f"Keep {key_file}: when {rater}.jsonl comes back, put both into {ratings}.")


if __name__ == "__main__":
    run(main)
