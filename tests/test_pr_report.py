"""The comment of a pull request, made in a repository of its own from the metrics in Git alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stages.evaluate.distribution import distribution_csv
from tests.examples import row
from tests.test_gate import ROOT, exam, git, write


def counts(rows: int, short: int) -> str:
    return json.dumps({"rows_in": rows, "rows_added": 0, "rows_out": rows - short, "dropped_too_short": short})


def write_data(folder: Path, rows: int, health: int) -> None:
    """What the data stages and `evaluate` count: `health` of the training rows are of one domain, the others of another."""
    (folder / "metrics/data").mkdir(exist_ok=True)
    for stage in ("ingest", "normalize", "mask_pii", "augment", "split"):
        (folder / f"metrics/data/{stage}.json").write_text(counts(rows, 2))
    train = [row(f"r{n}", domain="health" if n < health else "banking") for n in range(rows - 2)]
    (folder / "metrics/distribution.csv").write_text(distribution_csv({"train": train, "test": []}))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with DVC whose `main` has metrics, params and counts; the branch has changed nothing yet."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(name, tmp_path)
    write(tmp_path, exam())
    write_data(tmp_path, 102, 50)
    (tmp_path / "README.md").write_text("old\n")
    git(tmp_path, "init", "-qb", "main")
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], cwd=tmp_path, check=True)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "base")
    git(tmp_path, "switch", "-qc", "change")
    return tmp_path


def comment(folder: Path) -> dict[str, str]:
    """The comment's parts by their titles."""
    done = subprocess.run(
        [sys.executable, "-m", "stages.pr_report", "--base", "main", "--link", "https://ci.example/run/7"],
        cwd=folder, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    parts = [part.split("\n", 1) for part in f"\n{done.stdout}".split("\n### ")[1:]]
    return {title: text.strip() for title, text in parts}


def test_a_change_of_the_readme_alone_is_said_to_have_changed_nothing(project: Path) -> None:
    (project / "README.md").write_text("new\n")
    found = comment(project)
    assert list(found) == ["Against main", "Metrics", "Params", "Data", "Report"]
    assert found["Against main"].startswith("**No regression in 16 metrics")
    assert (found["Metrics"], found["Params"]) == ("No change of metrics.", "No change of params.")
    assert found["Data"] == "No row was added, lost or moved."
    assert found["Report"].endswith("https://ci.example/run/7")


def test_a_change_of_the_learning_rate_shows_the_parameter_and_what_it_did(project: Path) -> None:
    params = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(params.replace("learning_rate: 2.0e-3", "learning_rate: 1.0e-3"))
    scores = exam()
    scores["answer.rougeL"] -= np.random.default_rng(1).normal(0.05, 0.05, 200)
    write(project, scores)
    found = comment(project)
    assert found["Against main"].startswith("**Regression: worse in answer.rougeL by 0.0")
    assert "| answer.rougeL |" in found["Against main"]
    assert "answer.rougeL" in found["Metrics"]
    assert "qlora_train.learning_rate" in found["Params"]
    assert "0.001" in found["Params"]
    assert found["Data"] == "No row was added, lost or moved."


def test_a_change_of_the_data_shows_the_rows_and_how_far_they_moved(project: Path) -> None:
    write_data(project, 152, 100)
    found = comment(project)
    assert "| ingest | 102 → 152 | 0 | 2 | 100 → 150 |" in found["Data"]
    assert "| domain | 0.1667 |" in found["Data"]
    assert "50.00% →" in found["Data"]


def test_another_exam_is_said_not_to_compare(project: Path) -> None:
    write(project, exam(), sha256="b" * 64)
    assert comment(project)["Against main"].startswith("**Not comparable with main: the test sets differ")


def test_nothing_that_could_ping_link_or_break_out_is_in_the_comment(project: Path) -> None:
    write(project, exam(), meteor="@everyone <img> [x](http://a) ![y](z)")
    text = comment(project)["Against main"]
    assert "<img" not in text
    assert "\\[x\\]" in text
