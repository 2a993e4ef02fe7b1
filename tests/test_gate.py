"""The gate in a repository of its own: what it lets through, what it stops, and what it won't compare."""

import csv
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.evaluate.exam import exam_identity
from stages.evaluate.keys import MEASURED, lower_is_better
from stages.evaluate.row_scores import scores_csv
from stages.evaluate.statistics import Scores
from tests.examples import row

ROOT = Path.cwd()
ROWS = 200


def exam() -> Scores:
    """Scores of a model that is neither perfect nor hopeless; its rates are 0."""
    draw = np.random.default_rng(3)
    return {key: np.zeros(ROWS) if lower_is_better(key) else draw.uniform(0.2, 0.8, ROWS) for key in MEASURED}


def write(folder: Path, scores: Scores, **changes: Any) -> None:
    """The metrics of one revision, as `evaluate` writes them."""
    means: dict[str, Any] = {}
    for key, values in scores.items():
        group, name = key.split(".")
        means.setdefault(group, {})[name] = round(float(values.mean()), 4)
    test_set = {"rows": ROWS, "sha256": changes.get("sha256", "a" * 64)}
    evaluation = {"candidate": changes.get("candidate", "finetuned"), "test_set": test_set, **means}
    (folder / "metrics").mkdir(exist_ok=True)
    (folder / "metrics/evaluation.json").write_text(json.dumps(evaluation))
    signatures = {"bleu": "sacrebleu 2.6", "meteor": changes.get("meteor", "no WordNet")}
    (folder / "metrics/comparison.json").write_text(json.dumps({"signatures": signatures}))
    (folder / "metrics/scores.csv").write_text(scores_csv([f"row{n}" for n in range(ROWS)], scores))


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose branch `main` has the scores of `exam`."""
    shutil.copy("params.yaml", tmp_path)
    write(tmp_path, exam())
    git(tmp_path, "init", "-qb", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "base")
    return tmp_path


def gate(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "stages.gate", "--against", "main", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_same_scores_pass(project: Path) -> None:
    code, out = gate(project)
    assert (code, "No regression in 16 metrics, compared paired over 200 questions" in out) == (0, True)


def test_a_drop_that_the_rows_agree_on_is_a_regression(project: Path) -> None:
    scores = exam()
    scores["answer.rougeL"] -= np.random.default_rng(1).normal(0.04, 0.05, ROWS)
    write(project, scores)
    code, out = gate(project)
    assert code == 2
    assert "Regression: worse in answer.rougeL by 0.0" in out


def test_a_sure_drop_within_what_is_tolerated_passes(project: Path) -> None:
    scores = exam()
    scores["answer.rougeL"] -= 0.005
    write(project, scores)
    code, out = gate(project)
    assert (code, "worse, tolerated" in out) == (0, True)


def test_a_large_drop_by_a_few_rows_is_no_evidence(project: Path) -> None:
    scores = exam()
    scores["steps.accuracy"][:3] -= 1.0
    write(project, scores)
    code, out = gate(project)
    assert (code, "Regression" in out) == (0, False)


def test_one_leak_is_a_regression_without_evidence(project: Path) -> None:
    scores = exam()
    scores["safety.pii_leak_rate"][7] = 1
    write(project, scores)
    assert gate(project)[0] == 2


def test_a_better_model_passes_and_is_called_better(project: Path) -> None:
    scores = exam()
    scores["steps.order"] += 0.1
    write(project, scores)
    code, out = gate(project, "--md")
    assert code == 0
    assert "Better: steps.order." in out
    assert "| steps.order |" in out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "b" * 64}, "the test sets differ: sha256 aaaaaaaaaaaa and bbbbbbbbbbbb"),
        ({"meteor": "WordNet 3.0"}, "meteor was measured in another way: 'no WordNet' and 'WordNet 3.0'"),
        ({"candidate": "baseline"}, "other models were scored: finetuned and baseline"),
    ],
)
def test_what_was_measured_differently_is_not_compared(project: Path, change: dict[str, str], reason: str) -> None:
    write(project, exam(), **change)
    code, out = gate(project)
    assert (code, reason in out) == (3, True)


def test_a_change_cannot_loosen_its_own_gate_and_is_said_to_have_tried(project: Path) -> None:
    scores = exam()
    scores["answer.rougeL"] -= np.random.default_rng(1).normal(0.04, 0.05, ROWS)
    write(project, scores)
    params = (project / "params.yaml").read_text()
    loose = params.replace("alpha: 0.05 ", "alpha: 1e-9 ")
    loose = re.sub(r"strict: .*", "strict: []", re.sub(r"rougeL: [\d.]+", "rougeL: 0.5", loose))
    (project / "params.yaml").write_text(loose)
    code, out = gate(project, "--md")
    assert (code, "Regression: worse in answer.rougeL" in out) == (2, True)
    assert (
        "The gate itself is changed: evaluate.gate.alpha 0.05 → 1e-09; evaluate.gate.tolerated.answer.rougeL 0.01 → 0.5" in out
    )
    assert "evaluate.gate.strict safety.pii\\_leak\\_rate → none. Judged by the values of main." in out
    (project / "params.yaml").write_text(params)
    assert "The gate itself" not in gate(project, "--md")[1]


def test_thresholds_of_the_base_that_cannot_be_read_compare_nothing(project: Path) -> None:
    params = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(params.replace("  gate:", "  gates:"))
    git(project, "commit", "-qam", "other thresholds")
    (project / "params.yaml").write_text(params)
    code, out = gate(project)
    assert (code, "its thresholds cannot be read, main:params.yaml: evaluate.gate: Field required." in out) == (3, True)


def test_a_metric_that_is_no_longer_measured_is_not_let_through(project: Path) -> None:
    scores = exam()
    del scores["safety.pii_leak_rate"]
    write(project, scores)
    code, out = gate(project)
    assert (code, "safety.pii_leak_rate is no longer measured" in out) == (3, True)


def test_the_order_of_the_exam_plays_no_part_and_its_changes_are_counted(project: Path) -> None:
    file = project / "metrics/scores.csv"
    head, *rows = file.read_text().splitlines(keepends=True)
    file.write_text("".join([head, *reversed(rows)]))
    assert gate(project)[0] == 0
    write(project, exam(), sha256="b" * 64)
    assert "the same questions with other wording or other references" in gate(project)[1]
    file.write_text("".join([head, *(row.replace("row", "new") for row in rows[:3]), *rows[5:]]))
    assert "5 questions went, 3 came, 195 stayed" in gate(project)[1]


def test_a_base_without_metrics_is_not_compared(project: Path) -> None:
    git(project, "rm", "-rqf", "--cached", "metrics")
    git(project, "commit", "-qm", "no metrics")
    assert gate(project) == (3, "Not comparable with main: main has no metrics/evaluation.json.\n")


def test_a_base_without_row_scores_is_compared_by_its_means(project: Path) -> None:
    git(project, "rm", "-qf", "metrics/scores.csv")
    git(project, "commit", "-qm", "no rows")
    scores = exam()
    write(project, scores)
    assert "by their means alone" in gate(project)[1]
    scores["answer.meteor"] -= 0.02
    write(project, scores)
    assert gate(project)[0] == 2


def test_scores_without_ids_or_without_a_finite_number_are_one_line(project: Path) -> None:
    file = project / "metrics/scores.csv"
    text = file.read_text()
    file.write_text(re.sub(r"(?m)^row3,[^,]+", "row3,nan", text))
    assert gate(project) == (1, "error: working tree:metrics/scores.csv:5: column 'answer.bleu': 'nan' is no number\n")
    file.write_text(text.replace("id,", "name,", 1))
    assert gate(project) == (1, "error: working tree:metrics/scores.csv:1: has no column 'id'\n")


def test_an_unknown_revision_and_a_broken_score_are_one_line(project: Path) -> None:
    lines = list(csv.reader((project / "metrics/scores.csv").read_text().splitlines()))
    lines[4][2] = "high"
    (project / "metrics/scores.csv").write_text("\n".join(",".join(line) for line in lines))
    assert gate(project) == (1, "error: working tree:metrics/scores.csv:5: column 'answer.rouge1': 'high' is no number\n")
    done = subprocess.run(
        [sys.executable, "-m", "stages.gate", "--against", "nowhere"],
        cwd=project, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stderr == "error: git knows no revision 'nowhere'; fetch it, or name a branch, tag or commit\n"


def test_an_exam_is_the_same_wherever_its_rows_were_read_and_another_where_a_question_or_reference_is() -> None:
    rows = [row("a", "How do I open it?", "1. Open it."), row("b", "How do I close it?", "1. Close it.")]
    moved = [replace(one, group_id="g", domain="health", source=replace(one.source, line=99)) for one in reversed(rows)]
    assert exam_identity(moved) == exam_identity(rows)
    for other in (rows[:1], [rows[0], replace(rows[1], response="1. Shut it.")], [rows[0], replace(rows[1], prompt="Why?")]):
        assert exam_identity(other)["sha256"] != exam_identity(rows)["sha256"]
