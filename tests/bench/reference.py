"""The stack that a team writes first: pandas, datasketch, a plain Presidio loop, nlpaug and scikit-learn, in our DAG's order.

python -m tests.bench.reference STAGE SOURCE TARGET; each stage reads and writes JSON Lines with pandas.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

THRESHOLD = 0.7
PERMUTATIONS = 128


def ingest(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.rename(columns={"output": "response"})
    rows["id"] = range(len(rows))
    return rows.dropna(subset=["prompt", "response"])


def normalize(rows: pd.DataFrame) -> pd.DataFrame:
    """Text repaired row by row; duplicates by datasketch's own recipe, the first of each set kept; sets are groups."""
    import ftfy  # noqa: PLC0415  # a stage pays for its own imports, as ours do

    def clean(text: str) -> str:
        text = re.sub(r"[ \t]+", " ", ftfy.fix_text(text)).strip()
        steps = [re.sub(r"^\s*(?:\d+[.)]|[-*•])\s*", "", line) for line in text.split("\n") if line.strip()]
        return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)) if len(steps) > 1 else text

    rows["prompt"] = rows["prompt"].map(lambda text: re.sub(r"\s+", " ", ftfy.fix_text(text)).strip())
    rows["response"] = rows["response"].map(clean)
    rows = rows.drop_duplicates(["prompt", "response"]).reset_index(drop=True)
    groups: dict[int, int] = {}
    for later, earlier in near_pairs(list(rows["prompt"])):
        groups[later] = groups.get(earlier, earlier)
    return rows[[row not in groups for row in range(len(rows))]]


def near_pairs(texts: list[str]) -> list[tuple[int, int]]:
    """Pairs (later, earlier) that share a bucket at the threshold, as in datasketch's documentation: not verified."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    pairs = []
    for row, text in enumerate(texts):
        key = f" {text.lower()} "
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([key[start : start + 4].encode() for start in range(max(1, len(key) - 3))])
        pairs += [(row, int(other)) for other in index.query(sketch)]
        index.insert(str(row), sketch)
    return pairs


def mask_pii(rows: pd.DataFrame) -> pd.DataFrame:
    """One analyze and one anonymize call a text, with the recognisers of our own stage."""
    from presidio_anonymizer import AnonymizerEngine  # noqa: PLC0415

    from stages.common.pii.engine import plain  # noqa: PLC0415
    from stages.common.pii.rules import LANGUAGE  # noqa: PLC0415
    from stages.params.mask_pii import Params  # noqa: PLC0415
    from stages.params.section import load_params  # noqa: PLC0415

    engine, anonymizer = plain(load_params("mask_pii", Params)), AnonymizerEngine()

    def masked(text: str) -> str:
        return str(anonymizer.anonymize(text, engine.analyze(text, LANGUAGE)).text)  # type: ignore[arg-type]

    for column in ("prompt", "response"):
        rows[column] = rows[column].map(masked)
    return rows


def augment(rows: pd.DataFrame) -> pd.DataFrame:
    import nlpaug.augmenter.char as nac  # noqa: PLC0415

    augmenter = nac.KeyboardAug(aug_char_max=1, aug_word_max=1)
    copies = rows.copy()
    copies["prompt"] = copies["prompt"].map(lambda text: augmenter.augment(text)[0])
    return pd.concat([rows, copies])


def split(rows: pd.DataFrame) -> pd.DataFrame:
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415

    folds = StratifiedGroupKFold(n_splits=10, shuffle=True, random_state=0)
    rows = rows.reset_index(drop=True)
    rows["split"] = "train"
    for name, (_, held) in zip(("validation", "test"), folds.split(rows, rows["domain"], rows["id"]), strict=False):
        rows.loc[held, "split"] = name
    return rows


STAGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "ingest": ingest, "normalize": normalize, "mask_pii": mask_pii, "augment": augment, "split": split,
}  # fmt: skip


def main(stage: str, source: Path, target: Path) -> None:
    rows = STAGES[stage](pd.read_json(source, lines=True))
    rows.to_json(target, orient="records", lines=True, force_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
