"""The whole pipeline, the same dvc.yaml, in a repository of its own with tiny params."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ruamel.yaml import YAML

COPIED = ["dvc.yaml", "params.yaml", "stages", "recipes", ".dvcignore", ".gitignore"]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
pytestmark = pytest.mark.slow


def run(folder: Path, *command: str, ok: bool = True) -> str:
    environment = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("GIT_", "DVC_"))}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == ok, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built copy of the project on about two hundred of its rows."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = Path(name)
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for name in ("faqs/health.jsonl", "drafts", "reviews", "ratings", "general", "pii"):
        source, target = Path("data/raw", name), folder / "data/raw" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (folder / "data/raw/splits").mkdir()
    (folder / "data/raw/splits/assigned.csv").write_text("id,split\n")
    yaml = YAML()
    params = yaml.load(folder / "params.yaml")
    wanted = ("data/raw/faqs/health.jsonl", "data/raw/drafts/", "data/raw/reviews/")
    params["ingest"]["sources"] = [item for item in params["ingest"]["sources"] if item["path"].startswith(wanted)]
    yaml.dump(params, folder / "params.yaml")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"], [sys.executable, "-m", "stages.recipe", "recipes/tiny.yaml"]):
        run(folder, *command)
    run(folder, "git", "add", ".")
    run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "start")
    run(folder, "dvc", "repro")
    run(folder, "git", "add", ".")
    run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "built")
    return folder


def test_no_row_is_lost_between_stages_and_every_refused_one_is_kept(project: Path) -> None:
    before = None
    for stage in ("ingest", "normalize", "mask_pii", "augment", "split"):
        counts = json.loads((project / f"metrics/data/{stage}.json").read_text())
        refused = (project / f"data/interim/{stage}.dropped.jsonl").read_text().splitlines()
        assert counts["rows_in"] + counts["rows_added"] == counts["rows_out"] + len(refused)
        assert sum(value for key, value in counts.items() if key.startswith("dropped_")) == len(refused)
        assert all(json.loads(line)["reason"] for line in refused)
        assert before in (None, counts["rows_in"])
        before = counts["rows_out"]


def test_the_metrics_have_the_keys_and_ranges_of_the_contract(project: Path) -> None:
    metrics = json.loads((project / "metrics/evaluation.json").read_text())
    assert set(metrics) == {"candidate", "answer", "steps", "text", "safety", "test_set"}
    assert set(metrics["answer"]) == {"bleu", "rouge1", "rouge2", "rougeL", "meteor", "bertscore_f1", "exact_match", "token_f1"}
    assert set(metrics["steps"]) == {"accuracy", "order", "completeness", "format"}
    assert set(metrics["text"]) == {"chrf", "length_ratio", "repetition_rate", "truncation_rate"}
    assert set(metrics["safety"]) == {"pii_leak_rate", "refusal_rate"}
    assert all(0 <= value <= 1 for group in ("answer", "steps", "text", "safety") for value in metrics[group].values())
    tests = (project / "data/splits/test.jsonl").read_text().splitlines()
    assert metrics["test_set"]["rows"] == len(tests)


def test_a_second_run_does_nothing_and_readme_changes_nothing(project: Path) -> None:
    (project / "README.md").write_text("new\n")
    assert "Running stage" not in run(project, "dvc", "repro")


@pytest.mark.parametrize(
    ("value", "other", "stages"),
    [("step_threshold: 0.7", "step_threshold: 0.8", {"score"}), ("sure: 0.6", "sure: 0.7", {"mask_pii", "score", "check_pii"})],
)
def test_a_parameter_changes_the_stages_that_read_it_and_none_else(
    project: Path, value: str, other: str, stages: set[str]
) -> None:
    saved = (project / "params.yaml").read_text()
    try:
        assert saved.count(f" {value} ") == 1
        (project / "params.yaml").write_text(saved.replace(f" {value} ", f" {other} "))
        assert set(json.loads(run(project, "dvc", "status", "--json"))) == stages
    finally:
        (project / "params.yaml").write_text(saved)


def test_metrics_diff_compares_the_baseline_with_the_workspace_and_leaves_it_alone(project: Path) -> None:
    before = run(project, "git", "status", "--porcelain")
    run(project, "dvc", "exp", "run", "--temp", "-n", "baseline", "-S", "evaluate.candidate=baseline")
    assert run(project, "git", "status", "--porcelain") == before
    diff = json.loads(run(project, "dvc", "metrics", "diff", "baseline", "workspace", "--json"))
    changed = diff["metrics/evaluation.json"] if "metrics/evaluation.json" in diff else diff["diff"]["metrics/evaluation.json"]
    assert changed["candidate"] == {"old": "baseline", "new": "finetuned"}
    assert set(diff.get("diff", diff)) == {"metrics/evaluation.json"}


def test_the_gate_passes_what_did_not_change_and_compares_no_two_models(project: Path) -> None:
    assert "No regression in 16 metrics, compared paired over" in run(
        project, sys.executable, "-m", "stages.gate", "--against", "HEAD"
    )
    saved = (project / "metrics/evaluation.json").read_bytes()
    try:
        (project / "metrics/evaluation.json").write_bytes(saved.replace(b'"finetuned"', b'"baseline"'))
        out = run(project, sys.executable, "-m", "stages.gate", "--against", "HEAD", ok=False)
    finally:
        (project / "metrics/evaluation.json").write_bytes(saved)
    assert "Not comparable with HEAD: other models were scored: finetuned and baseline." in out


def test_a_recipe_shows_each_value_in_params_diff(project: Path) -> None:
    saved = (project / "params.yaml").read_bytes()
    try:
        run(project, sys.executable, "-m", "stages.recipe", "recipes/zephyr-7b-alpaca.yaml")
        diff = json.loads(run(project, "dvc", "params", "diff", "--json"))["params.yaml"]
    finally:
        (project / "params.yaml").write_bytes(saved)
    assert diff["base_model.id"] == {"old": "", "new": "HuggingFaceH4/zephyr-7b-beta"}
    assert (diff["qlora_train.lora_r"]["old"], diff["qlora_train.lora_r"]["new"]) == (4, 8)


def test_a_wrong_parameter_stops_the_first_stage_that_runs(project: Path) -> None:
    out = run(project, "dvc", "exp", "run", "--temp", "-S", "qlora_train.learning_rate=-1", ok=False)
    assert "error: params.yaml: qlora_train.learning_rate: Input should be greater than 0" in out
    assert "Traceback" not in out


def test_an_adapter_is_published_with_its_own_scores_and_with_no_other(project: Path, tmp_path: Path) -> None:
    saved = (project / "params.yaml").read_text()
    try:
        (project / "params.yaml").write_text(saved.replace("lora_r: 4\n", "lora_r: 8\n"))
        assert "the scores are not of this adapter" in stage(project, "export", str(tmp_path / "no"))
    finally:
        (project / "params.yaml").write_text(saved)
    run(project, sys.executable, "-m", "stages.export", str(tmp_path / "published"))
    head = run(project, "git", "rev-parse", "HEAD").strip()
    assert f"Commit {head}." in (tmp_path / "published/README.md").read_text()
    assert not (tmp_path / "no").exists()


def stage(project: Path, name: str, *arguments: str) -> str:
    out = run(project, sys.executable, "-m", f"stages.{name}", *arguments, ok=False)
    assert out.strip().splitlines()[-1].startswith("error: ")
    assert "Traceback" not in out
    return out


def test_bad_input_ends_every_stage_with_one_line_and_no_output(project: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "x"}\n')
    outs = [str(tmp_path / f"out{n}") for n in range(3)]
    test = "data/splits/test.jsonl"
    assert f"{bad}:1: field 'group_id'" in stage(project, "normalize", str(bad), *outs, str(tmp_path / "c"))
    assert "no such file" in stage(project, "split", "none.jsonl", "data/raw/splits/assigned.csv", *outs)
    assert "holds no adapter" in stage(project, "predict", "models/base", test, outs[0], "--adapter", str(tmp_path))
    other = tmp_path / "predictions"
    other.mkdir()
    (other / "baseline.jsonl").write_text('{"id": "x", "answer": "", "truncated": false}\n')
    assert "answers other questions" in stage(project, "evaluate", "data/splits", str(other), outs[0], outs[1])
    assert not list(tmp_path.glob("*out*"))


def test_a_full_disk_is_one_line_and_leaves_no_half_file(project: Path, tmp_path: Path) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    inputs = ["data/interim/augmented.jsonl", "data/raw/splits/assigned.csv"]
    done = subprocess.run(
        [sys.executable, "-m", "stages.split", *inputs, *(str(tmp_path / f"out{n}") for n in range(3))],
        cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False, preexec_fn=full,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == f"error: {tmp_path}/out0/train.jsonl: File too large"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


HOLD = """
import sys, time
from pathlib import Path

def hold(event, arguments):
    if {reached} and not Path("{place}", "released").exists():
        Path("{place}", "held").touch()
        while not Path("{place}", "released").exists():
            time.sleep(0.01)

sys.addaudithook(hold)
"""
SECOND_SAVE = (
    'event == "os.rename" and str(arguments[1]).endswith("seal.json") and [*Path(arguments[1]).parents[1].glob("*/seal.json")]'
)


def kill_dvc(project: Path, place: Path, reached: str) -> list[psutil.Process]:
    """Kill a `dvc repro` while its training is held where `reached`, on any machine; returns what `dvc` had started."""
    (place / "sitecustomize.py").write_text(HOLD.format(reached=reached, place=place))
    # Where /bin/sh is dash, it doesn't give way to its only command by itself, as bash does.
    environment = {**ENVIRONMENT, "SHELL": "/bin/sh", "PYTHONPATH": str(place)}
    dvc = subprocess.Popen(["dvc", "repro", "-s", "qlora_train"], cwd=project, env=environment, stdout=subprocess.DEVNULL)
    while not (place / "held").exists():
        assert dvc.poll() is None
        time.sleep(0.01)
    started = psutil.Process(dvc.pid).children(recursive=True)
    dvc.kill()
    dvc.wait()
    (place / "released").touch()
    return started


def has_ended(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)  # ended, and listed until somebody asks how
    except psutil.NoSuchProcess:
        return True


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """After a minute at most."""
    deadline = time.monotonic() + 60
    while not all(map(has_ended, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [process for process in processes if not has_ended(process)]


@pytest.mark.parametrize(
    ("reached", "trained"),
    [(SECOND_SAVE, True), ('event == "import" and arguments[0] == "torch"', False)],
    ids=["saves", "imports"],
)
def test_killing_dvc_ends_its_training_and_the_next_repro_goes_on(
    project: Path, tmp_path: Path, reached: str, trained: bool
) -> None:
    saved = (project / "params.yaml").read_bytes()
    yaml = YAML()
    params = yaml.load(saved)
    params["qlora_train"] |= {"epochs": 0.5, "evaluations": 5}
    yaml.dump(params, project / "params.yaml")
    started = kill_dvc(project, tmp_path, reached)
    left = still_running(started)
    try:
        assert started
        assert not left
        assert not (project / "models/adapter").exists()
        assert bool(list(project.glob(".cache/qlora_train/*/*/seal.json"))) == trained
        if trained:
            assert "going on from" in run(project, "dvc", "repro", "-s", "qlora_train")
            assert not list(project.glob(".cache/qlora_train/*"))
    finally:
        for process in left:
            process.kill()
        (project / "params.yaml").write_bytes(saved)
        run(project, "git", "checkout", "dvc.lock", "metrics")
        run(project, "dvc", "checkout", "--force")
