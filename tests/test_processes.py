"""Two processes train as one does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.common.records import write_jsonl
from stages.qlora_train import __main__ as qlora_train
from tests.tiny import OF_TWO_TYPES, VALUES, changed

FILES = [Path(name) for name in ("base", "train.jsonl", "validation.jsonl", "general")]


def curve(folder: Path, name: str) -> list[float]:
    return [float(line.split(",")[1]) for line in (folder / f"plots/{name}_loss.csv").read_text().splitlines()[1:]]


@pytest.mark.slow
def test_two_processes_give_the_loss_of_one(base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path.cwd()
    monkeypatch.chdir(tmp_path)
    shutil.copytree(base_folder, "base")
    shutil.copytree(home / "data/raw/general", "general")
    write_jsonl(Path("train.jsonl"), OF_TWO_TYPES)
    write_jsonl(Path("validation.jsonl"), OF_TWO_TYPES[:4])
    for devices in (1, 2):
        params = changed(epochs=2.0, lora_dropout=0.0, class_weighting="balanced", devices=devices)
        YAML().dump(VALUES | {"qlora_train": params.model_dump()}, Path("params.yaml"))
        outputs = [Path(f"{devices}/adapter"), Path(f"{devices}/train.json"), Path(f"{devices}/plots")]
        if devices == 1:
            qlora_train.main(*FILES, *outputs)
            continue
        subprocess.run(
            [sys.executable, "-m", "stages.qlora_train", *map(str, [*FILES, *outputs])],
            env={**os.environ, "PYTHONPATH": str(home), "OMP_NUM_THREADS": "1"}, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    one, two = (json.loads(Path(f"{devices}/train.json").read_text()) for devices in (1, 2))
    assert (one["batch_size"], two["batch_size"], one["steps"], two["steps"]) == (4, 2, 12, 12)
    assert curve(Path("2"), "train") == pytest.approx(curve(Path("1"), "train"), abs=1e-3)
    assert curve(Path("2"), "validation") == pytest.approx(curve(Path("1"), "validation"), abs=1e-3)
