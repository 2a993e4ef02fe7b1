"""Put the tables of metrics/ into README.md and data/README.md, between their marks; a test holds them together."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.tables import table
from stages.evaluate.keys import LEAK, QUALITY

PAGES = (Path("README.md"), Path("data/README.md"))
METRICS = Path("metrics")
STAGES = ("ingest", "normalize", "mask_pii", "augment", "split")


def read(name: str) -> Any:
    return json.loads((METRICS / name).read_text(encoding="utf-8"))


def comparison() -> str:
    """Baseline against fine-tuned with the interval of the paired difference."""
    found = read("comparison.json")
    rows = []
    for key in (*QUALITY, LEAK):
        group, name = key.split(".")
        old, new = (found["systems"][system][group][name] for system in ("baseline", "finetuned"))
        change = found["difference"].get(key)
        interval = f"{change['low']:+.4f} .. {change['high']:+.4f}" if change else ""
        verdict = change["verdict"] if change else ""
        rows.append([key, f"{old:.4f}", f"{new:.4f}", f"{new - old:+.4f}", interval, verdict])
    return table(["metric", "baseline", "fine-tuned", "change", "95 % interval", "verdict"], rows)


def flow() -> str:
    """Rows through the data stages."""
    rows = []
    for stage in STAGES:
        counts = read(f"data/{stage}.json")
        refused = sum(value for key, value in counts.items() if key.startswith("dropped_"))
        rows.append([stage, *(str(value) for value in (counts["rows_in"], counts["rows_added"], refused, counts["rows_out"]))])
    return table(["stage", "rows in", "added", "refused", "rows out"], rows)


def refused() -> str:
    """Why rows were refused, stage by stage."""
    rows = [
        [stage, key.removeprefix("dropped_").replace("_", " "), str(value)]
        for stage in STAGES
        for key, value in read(f"data/{stage}.json").items()
        if key.startswith("dropped_")
    ]
    return table(["stage", "reason", "rows"], rows, right=2)


def composition() -> str:
    """The cleaned rows by domain, language, register and origin."""
    counts: Mapping[str, Mapping[str, int]] = {
        key: read("data/normalize.json")[key] for key in ("domain", "language", "register", "origin")
    }
    rows = [[field, value, str(n)] for field, values in counts.items() for value, n in sorted(values.items())]
    return table(["field", "value", "rows"], rows, right=2)


def masking() -> str:
    """What the masking finds of the labelled set, by type and language, and how much of what it masks is right."""
    found = read("pii.json")
    rows = []
    for name in sorted({key.rpartition("_")[0] for key in found["recall"]}):
        right = found["precision"].get(name.removesuffix("_cued").removesuffix("_uncued"))
        recall = [
            f"{found['recall'][key]:.3f}" if (key := f"{name}_{code}") in found["recall"] else "" for code in ("en", "id")
        ]
        rows.append([name, *recall, "" if right is None else f"{right:.3f}"])
    return table(["type", "recall, English", "recall, Indonesian", "precision"], rows)


BLOCKS = {"masking": masking, "comparison": comparison, "flow": flow, "refused": refused, "composition": composition}


def filled(page: str) -> str:
    """`page` with each block `<!-- NAME -->...<!-- /NAME -->` made anew."""
    for name, make in BLOCKS.items():
        page = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{make()}\g<2>", page, flags=re.DOTALL)
    return page


def main() -> None:
    """Write the tables of metrics/ into the README files."""
    for path in PAGES:
        write_text(path, filled(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run(main)
