"""The comment of a pull request, made in a repository of its own from the metrics in Git alone."""

import json
import shutil
import subprocess
import sys
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from stages.common.tables import escape
from stages.evaluate import flow
from stages.evaluate.distribution import distribution_csv
from stages.gate.verdict import HEADER
from stages.pr_report.data import RAW_HEADER, SHIFT_HEADER
from tests.examples import row
from tests.test_gate import ROOT, exam, git, write

TITLES = ["Against main", "Metrics", "Params", "Data", "Report"]
EXAMPLES = sorted(Path(".github/examples").glob("*.md"))


def counts(rows: int, short: int) -> str:
    return json.dumps({"rows_in": rows, "rows_added": 0, "rows_out": rows - short, "dropped_too_short": short})


def write_data(folder: Path, rows: int, health: int) -> None:
    """What the data stages and `evaluate` count: `health` of the training rows are of one domain, the others of another."""
    (folder / "metrics/data").mkdir(exist_ok=True)
    for stage in ("ingest", "normalize", "mask_pii", "augment", "split"):
        (folder / f"metrics/data/{stage}.json").write_text(counts(rows, 2))
    train = [row(f"r{n}", domain="health" if n < health else "banking") for n in range(rows - 2)]
    (folder / "metrics/distribution.csv").write_text(distribution_csv({"train": train, "test": []}))


def write_lock(folder: Path, train: str) -> None:
    """What dvc.lock says of the splits."""
    outs = [{"path": f"data/splits/{name}.jsonl", "md5": md5} for name, md5 in (("train", train), ("test", "1"))]
    (folder / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": {"split": {"cmd": "split", "outs": outs}}}))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with DVC whose `main` has metrics, params and counts; the branch has changed nothing yet."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(name, tmp_path)
    write(tmp_path, exam())
    write_data(tmp_path, 102, 50)
    (tmp_path / "README.md").write_text("old\n")
    (tmp_path / "data/raw").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / f"data/raw/{name}.jsonl").write_text("{1}\n{2}\n")
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
    return parts_of(done.stdout)


def parts_of(text: str) -> dict[str, str]:
    parts = [part.split("\n", 1) for part in f"\n{text}".split("\n### ")[1:]]
    return {title: body.strip() for title, body in parts}


def test_a_change_of_the_readme_alone_is_said_to_have_changed_nothing(project: Path) -> None:
    (project / "README.md").write_text("new\n")
    found = comment(project)
    assert list(found) == TITLES
    assert found["Against main"].startswith("**No regression in 16 metrics")
    assert (found["Metrics"], found["Params"]) == ("No change of metrics.", "No change of params.")
    assert found["Data"] == "The exam: the same 200 questions.\n\nNo row was added, lost or moved."
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
    assert found["Data"].endswith("No row was added, lost or moved.")


def test_a_change_of_the_data_shows_the_rows_and_how_far_they_moved(project: Path) -> None:
    write_data(project, 152, 100)
    (project / "data/raw/a.jsonl").write_text("{2}\n{3}\n{4}\n")
    found = comment(project)
    assert "| data/raw/a.jsonl | 2 | 1 |" in found["Data"]
    assert "| data/raw/b.jsonl" not in found["Data"]
    assert "| ingest | 102 → 152 | 0 | 2 | 100 → 150 |" in found["Data"]
    assert "| domain | 0.1667 |" in found["Data"]
    assert "50.00% →" in found["Data"]


def test_rows_that_were_only_reworded_are_not_said_to_be_the_same(project: Path) -> None:
    write_lock(project, "0")
    git(project, "add", "dvc.lock")
    git(project, "commit", "-qm", "base")
    git(project, "branch", "-f", "main")
    write_lock(project, "2")
    assert comment(project)["Data"].endswith("No row was added, lost or moved; the text of train is another.")


def test_another_exam_is_said_not_to_compare(project: Path) -> None:
    write(project, exam(), sha256="b" * 64)
    found = comment(project)
    assert found["Against main"].startswith("**Not comparable with main: the test sets differ")
    assert found["Metrics"].startswith("The verdict says why these means do not compare")
    assert found["Data"].startswith("The exam: another one, the same questions with other wording or other references.")


def test_a_gate_that_the_change_loosens_is_named_below_the_verdict(project: Path) -> None:
    params = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(params.replace("alpha: 0.05 ", "alpha: 0.0001 "))
    verdict, warning = comment(project)["Against main"].split("\n\n")[:2]
    assert verdict.startswith("**No regression")
    assert warning == "**The gate itself is changed: evaluate.gate.alpha 0.05 → 0.0001. Judged by the values of main.**"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_what_the_report_escaped_is_read_as_written_and_what_it_did_not_is_no_markup() -> None:
    """The escaping of the workflow that posts the comment, run as it stands there."""
    script = Path(".github/workflows/comment.yml").read_text()
    replacing = script[script.index(".replace(/&") : script.index(";\n            const body")]
    program = f"process.stdout.write(process.argv[1]{replacing})"

    def posted(text: str) -> str:
        return subprocess.run(["node", "-e", program, text], capture_output=True, text=True, check=True).stdout

    written = "a & b <i> [x](y) ![z] `c` &#64; &lt;"
    shown = MarkdownIt().render(posted(escape(written)))
    assert unescape(shown) == f"<p>{written}</p>\n"
    raw = posted("@everyone &#64;you <img src=x> [x](http://a) ![y](z) `c` \\\\[d](e)")
    assert not set("@<[!`") & set(raw)
    assert "&#64;you" not in raw.replace("&#64;everyone", "").replace("&amp;#64;you", "")


def test_nothing_that_could_ping_link_or_break_out_is_in_the_comment(project: Path) -> None:
    write(project, exam(), meteor="@everyone <img> [x](http://a) ![y](z)")
    text = comment(project)["Against main"]
    assert "<img" not in text
    assert "\\[x\\]" in text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_the_form_that_a_comment_has_today(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    found = parts_of(text)
    assert list(found) == TITLES
    assert found["Against main"].startswith(("**No regression in ", "**Regression: worse in ", "**Not comparable with main: "))
    assert found["Data"].startswith("The exam: ")
    heads = {line for line, rule in pairwise(text.splitlines()) if rule.startswith(("| :--", "|--"))}
    ours = {"| " + " | ".join(head) + " |" for head in (HEADER, flow.HEADER, RAW_HEADER, SHIFT_HEADER)}
    assert all(head in ours or head.startswith("| Path ") for head in heads), heads - ours


def test_the_three_examples_are_there() -> None:
    assert [path.stem for path in EXAMPLES] == ["data", "learning_rate", "readme"]
