"""Two processes train as one does, with the base in each or shared out."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file

from stages.common.errors import InputError
from stages.common.records import write_jsonl
from stages.qlora_train import __main__ as qlora_train
from stages.qlora_train import processes
from tests.tiny import OF_TWO_TYPES, VALUES, changed, fine_tune

FILES = [Path(name) for name in ("base", "train.jsonl", "validation.jsonl", "general")]
HERE = ["--standalone", "--local-addr", "127.0.0.1", "--nproc_per_node", "2"]
TWO = [sys.executable, "-m", "torch.distributed.run", *HERE, "-m", "tests.sharded_on_cpu"]
COMMANDS = {"none": [sys.executable, "-m", "stages.qlora_train"], "fsdp": TWO}


def curve(folder: Path, name: str) -> list[float]:
    return [float(line.split(",")[1]) for line in (folder / f"plots/{name}_loss.csv").read_text().splitlines()[1:]]


def train(folder: Path, devices: int, sharding: str, home: Path) -> None:
    params = changed(epochs=2.0, lora_dropout=0.0, class_weighting="balanced", devices=devices, sharding=sharding)
    YAML().dump(VALUES | {"qlora_train": params.model_dump()}, Path("params.yaml"))
    outputs = [folder / "adapter", folder / "train.json", folder / "plots"]
    if devices == 1:
        qlora_train.main(*FILES, *outputs)
        return
    done = subprocess.run(
        [*COMMANDS[sharding], *map(str, [*FILES, *outputs])],
        env={**os.environ, "PYTHONPATH": str(home), "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-5000:]


@pytest.mark.slow
def test_two_processes_give_the_loss_of_one(base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path.cwd()
    monkeypatch.chdir(tmp_path)
    shutil.copytree(base_folder, "base")
    shutil.copytree(home / "data/raw/general", "general")
    write_jsonl(Path("train.jsonl"), OF_TWO_TYPES)
    write_jsonl(Path("validation.jsonl"), OF_TWO_TYPES[:4])
    one = Path("one")
    train(one, 1, "none", home)
    for sharding in ("none", "fsdp"):
        two = Path(sharding)
        train(two, 2, sharding, home)
        expected, found = (json.loads((folder / "train.json").read_text()) for folder in (one, two))
        assert (expected["batch_size"], found["batch_size"]) == (4, 2)
        assert {key: found[key] for key in expected if key != "batch_size"} == pytest.approx(
            {key: expected[key] for key in expected if key != "batch_size"}, rel=1e-3
        )
        assert curve(two, "train") == pytest.approx(curve(one, "train"), abs=1e-3)
        assert curve(two, "validation") == pytest.approx(curve(one, "validation"), abs=1e-3)
        weights = [load_file(folder / "adapter/adapter_model.safetensors") for folder in (one, two)]
        torch.testing.assert_close(weights[1], weights[0], rtol=1e-2, atol=1e-3)


def test_one_process_has_nobody_to_share_the_base_with(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"qlora_train\.sharding: fsdp shares the base out among several devices"):
        fine_tune(base_folder, tmp_path, changed(sharding="fsdp"))


@pytest.mark.parametrize(("visible", "first"), [(None, "0"), ("2,3", "2")])
def test_one_process_sees_one_of_several_gpus(monkeypatch: pytest.MonkeyPatch, visible: str | None, first: str) -> None:
    begun: list[str] = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(os, "execve", lambda _, __, environment: begun.append(environment["CUDA_VISIBLE_DEVICES"]))
    for name in ("CUDA_VISIBLE_DEVICES", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    processes.spread(1)
    assert begun == [first]
