"""dvc.yaml must tell DVC everything a stage reads; DVC cannot notice what it is not told."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from stages.params.section import read_params

STAGES: dict[str, Any] = {
    name: stage.get("do", stage) for name, stage in YAML(typ="safe").load(Path("dvc.yaml"))["stages"].items()
}


def module_file(name: str) -> Path:
    path = Path(*name.split("."))
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"


def imported(path: Path, seen: frozenset[Path] = frozenset()) -> set[Path]:
    """The files under stages/ that running `path` would import or read, itself included."""
    if path in seen:
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    files = {file for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for file in modules(node)}
    return {path, *templates(path, tree)}.union(*(imported(file, seen | {path}) for file in files))


def modules(node: ast.ImportFrom) -> list[Path]:
    """The files of `from stages.x import y`, where y may be a module itself."""
    if not (node.module or "").startswith("stages"):
        return []
    inside = [module_file(f"{node.module}.{alias.name}") for alias in node.names]
    return [file for file in inside if file.exists()] or [module_file(str(node.module))]


def templates(path: Path, tree: ast.Module) -> list[Path]:
    """Files beside `path` that it names in a string."""
    names = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [path.with_name(name) for name in names if Path(name).suffix == ".jinja"]


def entry(name: str) -> Path:
    file = Path("stages", f"{name}.py")
    return file if file.exists() else Path("stages", name, "__main__.py")


def sections(path: Path) -> set[str]:
    """The params.yaml sections that a stage file loads."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    loads = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "load_params"]
    return {arg.value for call in loads if isinstance(arg := call.args[0], ast.Constant) and isinstance(arg.value, str)}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_exactly_the_code_it_runs(name: str) -> None:
    declared = {Path(dep) for dep in STAGES[name]["deps"] if dep.startswith("stages/")}
    assert declared == imported(entry(name))


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_exactly_the_params_it_loads(name: str) -> None:
    assert set(STAGES[name].get("params", [])) == sections(entry(name))


def test_params_have_one_section_a_stage_in_the_order_of_the_stages() -> None:
    assert list(read_params()) == list(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_every_path_in_a_command_is_declared(name: str) -> None:
    stage = STAGES[name]
    declared = [
        next(iter(item)) if isinstance(item, dict) else item
        for key in ("deps", "outs", "metrics")
        for item in stage.get(key, [])
    ]
    for word in stage["cmd"].partition(" -m ")[2].split()[1:]:
        assert "${" in word or any(path == word or path.startswith(f"{word}/") for path in declared), word


def test_what_was_not_masked_is_never_pushed() -> None:
    masked = list(STAGES).index("mask_pii")
    for name in list(STAGES)[:masked]:
        assert all(options == {"push": False} for out in STAGES[name]["outs"] for options in out.values())


def test_the_gate_reads_every_table_and_page_once_it_is_written() -> None:
    """It scans whole folders: what it did not wait for would be of an earlier run. `report` is made from what it has read."""
    written = {
        path
        for name, stage in STAGES.items()
        if name not in ("check_pii", "report")
        for out in stage["outs"]
        if isinstance(out, dict)
        for path in out
        if path.startswith("metrics/")
    }
    assert written
    assert written <= set(STAGES["check_pii"]["deps"])


def test_no_data_or_model_is_kept_in_git() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "data/interim", "data/splits", "data/predictions", "models"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not tracked.stdout


def test_no_test_waits_for_torch_that_does_not_ask_for_it() -> None:
    asked = "import sys, tests.conftest, tests.examples; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_the_committed_lock_is_current() -> None:
    """In a clone without data this is exit code 0 and nothing to run only where dvc.lock matches code, params and raw data."""
    if not Path("dvc.lock").exists():
        pytest.fail("dvc.lock is missing")
    dry = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--dry", "--allow-missing"], capture_output=True, text=True, check=False
    )
    assert dry.returncode == 0, dry.stderr
    assert "Running stage" not in dry.stdout
