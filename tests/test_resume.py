"""A training that was killed, or whose checkpoints were damaged, ends in the bytes of one that was not."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages.common.errors import InputError
from stages.qlora_train.adapter import save_adapter
from stages.qlora_train.alone import alone
from stages.qlora_train.checkpoints import SEAL, content, fingerprint, last_whole, prune, seal
from stages.qlora_train.trainer import Trainer
from tests.tiny import changed, fine_tune, hashes

PARAMS = changed(epochs=2.0, evaluations=6)  # twelve steps, a checkpoint at every second one
DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "flipped": lambda file: file.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1])),
}


@pytest.fixture(scope="module")
def interrupted(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoints of a training that ended at its ninth step."""
    folder = tmp_path_factory.mktemp("checkpoints")
    step = Trainer.training_step

    def until_nine(self: Trainer, *args: Any) -> Any:
        if self.state.global_step == 8:
            raise KeyboardInterrupt
        return step(self, *args)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "training_step", until_nine)
        fine_tune(base_folder, folder, PARAMS)
    return folder


@pytest.fixture
def checkpoints(interrupted: Path) -> Any:
    """Those checkpoints, where they were saved, and whole again afterwards."""
    saved = interrupted.with_name("saved")
    shutil.copytree(interrupted, saved)
    yield interrupted
    shutil.rmtree(interrupted)
    saved.replace(interrupted)


def outputs(base_folder: Path, checkpoints: Path, target: Path) -> tuple[dict[str, bytes], list[dict[str, float]]]:
    done = fine_tune(base_folder, checkpoints, PARAMS)
    save_adapter(done.model, target, "card")
    return hashes(target), [entry for entry in done.state.log_history if "loss" in entry or "eval_loss" in entry]


def curves(history: list[dict[str, float]]) -> list[tuple[float, float | None, float | None]]:
    return [(entry["step"], entry.get("loss"), entry.get("eval_loss")) for entry in history]


def test_a_resumed_training_gives_the_same_adapter_and_curves(base_folder: Path, checkpoints: Path, tmp_path: Path) -> None:
    whole, history = outputs(base_folder, tmp_path / "fresh", tmp_path / "whole")
    resumed, again = outputs(base_folder, checkpoints, tmp_path / "resumed")
    assert resumed == whole
    assert curves(again) == curves(history)
    # Killed after the last step, before the adapter was written: nothing is left to train.
    ended, same = outputs(base_folder, checkpoints, tmp_path / "ended")
    assert ended == whole
    assert curves(same) == curves(history)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_skipped_by_name_whichever_file_it_is(
    checkpoints: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    newest, before = checkpoints / "checkpoint-8", checkpoints / "checkpoint-6"
    names = [file.relative_to(newest) for file in content(newest)] + [Path(SEAL)]
    assert {"adapter_model.safetensors", "optimizer.pt", "rng_state.pth", "trainer_state.json"} < {str(name) for name in names}
    copy = checkpoints / "copy"
    shutil.copytree(newest, copy)
    for name in names:
        shutil.rmtree(newest, ignore_errors=True)
        shutil.copytree(copy, newest)
        DAMAGE[damage](newest / name)
        assert last_whole(checkpoints) == before, name
        said = capsys.readouterr().err
        assert f"skipped {newest}: it " in said
        assert (name.name in said) or name == Path(SEAL), said
        assert not newest.exists()


def test_a_checkpoint_whose_best_is_damaged_is_not_gone_on_from(checkpoints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = checkpoints / "checkpoint-8" / "trainer_state.json"
    state.write_text(re.sub(r'checkpoint-\d+"', 'checkpoint-6"', state.read_text()))
    seal(state.parent)
    (checkpoints / "checkpoint-6" / "adapter_model.safetensors").unlink()
    assert last_whole(checkpoints) in (None, checkpoints / "checkpoint-4")
    assert "checkpoint-6, the best so far, has lost adapter_model.safetensors" in capsys.readouterr().err


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_best_checkpoint_that_is_damaged_before_its_training_ends_is_no_result(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    save = Trainer._save_checkpoint

    def damaging(self: Trainer, *args: Any) -> None:
        save(self, *args)
        DAMAGE[damage](Path(str(self.state.best_model_checkpoint)) / "adapter_model.safetensors")

    with monkeypatch.context() as patch, pytest.raises(InputError, match=r"checkpoint-3: .* adapter_model\.safetensors; run"):
        patch.setattr(Trainer, "_save_checkpoint", damaging)
        fine_tune(base_folder, tmp_path, changed(epochs=0.5, evaluations=1))
    assert fine_tune(base_folder, tmp_path, changed(epochs=0.5, evaluations=1)).state.global_step == 3


def test_two_checkpoints_and_the_best_that_they_name_are_kept(tmp_path: Path) -> None:
    for step, best in ((2, 2), (4, 2), (6, 2), (8, 8)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text(f'{{"best_model_checkpoint": "{tmp_path}/checkpoint-{best}"}}')
        seal(folder)
    prune(tmp_path)
    assert {folder.name for folder in tmp_path.iterdir()} == {"checkpoint-2", "checkpoint-6", "checkpoint-8"}


def test_another_parameter_or_another_byte_of_data_is_another_training(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text("a")
    name = fingerprint(["r 16"], [file])
    assert name == fingerprint(["r 16"], [file]) != fingerprint(["r 32"], [file])
    file.write_text("b")
    assert name != fingerprint(["r 16"], [file])


def test_a_second_training_says_which_process_holds_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    held = pytest.raises(InputError, match=f"process {os.getpid()} is training here; wait for it or end it")
    with alone(lock), held, alone(lock):
        pass
    with alone(lock), lock.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.slow
def test_a_killed_training_ends_in_the_same_bytes() -> None:
    command = [sys.executable, "-m", "tests.kill_resume", "--kills", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "2 of 2 resumed runs gave the bytes" in done.stdout
