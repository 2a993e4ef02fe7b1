import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.readme import BLOCKS, PAGES, filled


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_the_tables_of_the_readme_are_those_of_the_metrics(path: Path) -> None:
    assert filled(path.read_text(encoding="utf-8")) == path.read_text(encoding="utf-8"), "run `make readme`"


def test_every_table_stands_somewhere() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert all(f"<!-- {name} -->" in pages and f"<!-- /{name} -->" in pages for name in BLOCKS)


def test_the_head_of_the_data_card_is_valid_on_the_hub_and_true_of_the_corpus() -> None:
    head = YAML(typ="safe").load(Path("data/README.md").read_text(encoding="utf-8").split("---\n")[1])
    known = {
        "annotations_creators": {"crowdsourced", "found", "expert-generated", "machine-generated", "no-annotation", "other"},
        "language_creators": {"crowdsourced", "found", "expert-generated", "machine-generated", "other"},
        "multilinguality": {"monolingual", "multilingual", "translation", "other"},
        "source_datasets": {"original", "extended"},
    }
    assert all(set(head[name]) <= values for name, values in known.items())
    found = json.loads(Path("metrics/data/describe.json").read_text(encoding="utf-8"))
    assert sorted(head["language"]) == sorted(found["share_of_language"])
    assert head["size_categories"] == ["1K<n<10K"]
    assert 1_000 < found["questions"] < 10_000
    assert head["license"] == "apache-2.0"
    assert {"pretty_name", "task_categories", "tags"} <= head.keys()
