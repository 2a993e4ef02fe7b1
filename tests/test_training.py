"""Training, on a model made here: what is learnt, what is weighted, and what ends it."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from peft.tuners.lora import LoraLayer

from stages.base_model import new_model
from stages.common.errors import InputError
from stages.common.models import load_tokenizer, read_base
from stages.common.prompts import IGNORED
from stages.params.section import read_params
from stages.qlora_train import __main__ as stage
from stages.qlora_train.__main__ import train_in_memory
from stages.qlora_train.adapter import save_adapter, with_adapter
from stages.qlora_train.config import steps_of
from stages.qlora_train.finite import Finite, Value
from stages.qlora_train.forgetting import mean_loss, perplexity
from stages.qlora_train.memory import BatchSize, share
from stages.qlora_train.progress import ProgressBar
from stages.qlora_train.report import curve
from stages.qlora_train.rows import balanced, dataset, token_rows
from stages.qlora_train.trainer import Trainer
from tests.tiny import BASE, OF_TWO_TYPES, PARAMS, ROWS, changed, data, fine_tune, hashes, losses, trainer

SHORT = changed(epochs=1.0, lora_dropout=0.0)  # six steps


def adapter(work: Any) -> dict[str, torch.Tensor]:
    return {name: weight.detach() for name, weight in work.model.named_parameters() if weight.requires_grad}


def test_training_lowers_the_loss_and_is_the_same_bytes_again(base_folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = fine_tune(base_folder, tmp_path / "checkpoints" / name)
        save_adapter(done.model, tmp_path / name, "card")
    assert losses(done)[-1] < losses(done)[0] - 0.5
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert set(hashes(tmp_path / "one")) == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    config = json.loads((tmp_path / "one" / "adapter_config.json").read_text())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert curve(done.state.log_history, "eval_loss").startswith("step,loss\n")
    assert 1 < done.perplexity_before != done.perplexity_after > 1


def test_trained_weights_are_fp32_after_trl_built_the_trainer(base_folder: Path, tmp_path: Path) -> None:
    assert {weight.dtype for weight in adapter(trainer(base_folder, tmp_path, SHORT)).values()} == {torch.float32}


def test_the_first_layers_can_stay_without_adapter(base_folder: Path) -> None:
    two = new_model(load_tokenizer(read_base(base_folder)), BASE.embedded.model_copy(update={"layers": 2}))
    with pytest.raises(InputError, match=r"qlora_train\.frozen_layers: the base has 2 layers; 2 would leave none"):
        with_adapter(two, changed(frozen_layers=2))
    model = with_adapter(two, changed(frozen_layers=1))
    trained = {name.split(".layers.")[1][0] for name, weight in model.named_parameters() if weight.requires_grad}
    assert trained == {"1"}


def test_the_scale_can_be_rank_stabilised(base_folder: Path, tmp_path: Path) -> None:
    work = trainer(base_folder, tmp_path, changed(rank_stabilised=True, lora_r=16, lora_alpha=64))
    scales = {module.scaling["default"] for module in work.model.modules() if isinstance(module, LoraLayer)}
    assert scales == {64 / 4}


def test_noise_on_the_embeddings_is_off_unless_asked_for(base_folder: Path, tmp_path: Path) -> None:
    files = [Path("params.yaml"), *Path("recipes").glob("*.yaml")]
    assert {read_params(file).get("qlora_train", {}).get("neftune_alpha", 0.0) for file in files} == {0.0}
    plain, noisy = (trainer(base_folder, tmp_path, changed(neftune_alpha=alpha)) for alpha in (0.0, 5.0))
    assert plain.neftune_noise_alpha is None
    assert noisy.neftune_noise_alpha == 5.0


def test_the_fused_optimiser_takes_the_same_steps(base_folder: Path, tmp_path: Path) -> None:
    plain, fused = (
        fine_tune(base_folder, tmp_path / name, SHORT.model_copy(update={"optimizer": name}))
        for name in ("adamw_torch", "adamw_torch_fused")
    )
    assert losses(fused) == pytest.approx(losses(plain), abs=1e-4)


@pytest.mark.parametrize(("rows", "epochs", "steps"), [(22, 4.0, 12), (22, 0.5, 2), (10, 3.0, 6), (5, 3.0, 3), (9, 0.01, 1)])
def test_an_epoch_takes_every_row_though_its_last_step_has_fewer(rows: int, epochs: float, steps: int) -> None:
    assert steps_of(changed(epochs=epochs, batch_size=3, gradient_accumulation=3), rows) == steps


def test_a_training_of_one_step_trains(base_folder: Path, tmp_path: Path) -> None:
    done = fine_tune(base_folder, tmp_path, changed(epochs=0.1))
    assert done.state.global_step == 1
    assert any(weight.any() for name, weight in adapter(done).items() if "lora_B" in name)


@pytest.mark.parametrize("weighting", ["none", "balanced"])
def test_four_passes_of_one_row_and_packed_rows_train_like_one_pass_of_four(
    base_folder: Path, tmp_path: Path, weighting: str
) -> None:
    params = SHORT.model_copy(update={"class_weighting": weighting, "early_stopping_patience": 0})
    whole = fine_tune(base_folder, tmp_path / "whole", params)
    apart = fine_tune(base_folder, tmp_path / "apart", params.model_copy(update={"batch_size": 1, "gradient_accumulation": 4}))
    packed = fine_tune(base_folder, tmp_path / "packed", params.model_copy(update={"packing": True}))
    for other in (apart, packed):
        assert losses(other) == pytest.approx(losses(whole), abs=1e-4)
        for name, weight in adapter(other).items():
            torch.testing.assert_close(weight, adapter(whole)[name], rtol=1e-3, atol=1e-4)


def test_packed_or_padded_each_row_has_the_same_loss(base_folder: Path, tmp_path: Path) -> None:
    found = []
    for packing in (False, True):
        work = trainer(base_folder, tmp_path, SHORT.model_copy(update={"packing": packing}))
        batch = work.data_collator([work.train_dataset[row] for row in range(8)])
        labels = batch["labels"][:, 1:]
        with torch.no_grad():
            found.append(work.model(**batch, fused_lm_head=True).log_probs[labels != IGNORED])
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize("packing", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_the_validation_loss_is_the_mean_over_trained_tokens_whatever_rows_make_a_pass(
    base_folder: Path, tmp_path: Path, batch_size: int, packing: bool
) -> None:
    work = trainer(base_folder, tmp_path, SHORT.model_copy(update={"batch_size": batch_size, "packing": packing}))
    longer = [replace(record, response="\n".join([record.response] * (n % 3 + 1))) for n, record in enumerate(ROWS[:7])]
    rows = token_rows(longer, load_tokenizer(read_base(base_folder)), "", PARAMS).rows
    found = work.evaluate(dataset(rows))["eval_loss"]
    assert found == pytest.approx(mean_loss(work.model, rows, 0, 4), abs=1e-4)


def test_a_rare_task_type_weighs_more_and_the_mean_over_trained_tokens_is_one(base_folder: Path) -> None:
    train = token_rows(OF_TWO_TYPES, load_tokenizer(read_base(base_folder)), "", PARAMS)
    weights = balanced(train)
    of_type = {record.task_type: weight for record, weight in zip(train.records, weights, strict=True)}
    assert of_type["lock_card"] == pytest.approx(3 * of_type["freeze_card"])  # 6 rows and 18
    tokens = [sum(label != IGNORED for label in row.labels) for row in train.rows]
    assert sum(map(float.__mul__, weights, map(float, tokens))) == pytest.approx(sum(tokens))


def test_training_stops_early_and_keeps_the_best(base_folder: Path, tmp_path: Path) -> None:
    params = changed(early_stopping_patience=2, evaluations=40, learning_rate=0.03, lora_dropout=0.0)
    base = read_base(base_folder)
    tokenizer, rows = load_tokenizer(base), data(base_folder, params)
    backwards = [replace(record, response="\n".join(reversed(record.response.split("\n")))) for record in ROWS[:4]]
    unseen = token_rows(backwards, tokenizer, "", params)  # what training makes less likely, sooner or later
    done = train_in_memory(base, tokenizer, replace(rows, validation=unseen), params, tmp_path)
    assert done.state.global_step < 120
    found = losses(done, "eval_loss")
    assert done.state.best_metric == min(found) < found[-1] - 0.01
    assert len(found) - found.index(min(found)) == 3
    assert mean_loss(done.model, unseen.rows, 0, 4) == pytest.approx(min(found), abs=1e-3)


@pytest.mark.parametrize("name", ["loss", "gradient"])
def test_a_loss_or_gradient_that_is_no_number_ends_training_in_that_step(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    work = trainer(base_folder, tmp_path, SHORT)
    before = {key: weight.clone() for key, weight in adapter(work).items()}

    def poisoned(model: Any, inputs: Any, **kwargs: Any) -> torch.Tensor:
        weight = next(weight for weight in work.model.parameters() if weight.requires_grad)
        if name == "loss":
            return weight.sum() * float("nan")
        return torch.sqrt(weight.sum() * 0)  # a loss of 0 with a slope that is not finite

    monkeypatch.setattr(work, "compute_loss", poisoned)
    with pytest.raises(InputError, match=rf"qlora_train: (the )?{name} is (nan|inf) at step 1; lower"):
        work.train()
    assert all(torch.equal(weight, before[key]) for key, weight in adapter(work).items())


def test_fp16_skips_a_gradient_that_is_too_large_for_it_and_ends_at_one_that_is_no_number(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = trainer(base_folder, tmp_path, SHORT)
    monkeypatch.setattr(work.accelerator, "scaler", torch.amp.GradScaler("cpu", init_scale=1.0))
    work._get_grad_norm(work.model, torch.tensor(float("inf")))
    monkeypatch.setattr(work.accelerator, "scaler", torch.amp.GradScaler("cpu", init_scale=0.5))
    with pytest.raises(InputError, match="the gradient is inf at step 1; lower"):
        work._get_grad_norm(work.model, torch.tensor(float("inf")))


def test_a_perplexity_that_is_no_number_ends_the_stage_before_anything_is_written() -> None:
    with pytest.raises(InputError, match="the loss on general text is nan"):
        perplexity(float("nan"))


def test_a_loss_that_stays_far_above_its_start_ends_training_with_a_message(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "mean_loss", lambda *_: 2.0)  # as if the base had known the answers: this training's is about 5
    watched = changed(evaluations=20, watchdog_factor=1.5, watchdog_patience=3)
    with pytest.raises(
        InputError,
        match=r"was 2\.00 before training and is over 3\.00 in 3 evaluations \(.*\); lower qlora_train\.learning_rate",
    ):
        fine_tune(base_folder, tmp_path, watched)
    fine_tune(base_folder, tmp_path, watched.model_copy(update={"watchdog_factor": 3.0, "epochs": 1.0}))


def test_out_of_memory_halves_the_pass_and_doubles_the_passes(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fine_tune(base_folder, tmp_path / "whole", SHORT)
    step = Trainer.training_step
    errors: list[RuntimeError] = [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: x"),
    ]

    def full(self: Trainer, model: Any, inputs: Any, *rest: Any) -> torch.Tensor:
        if len(inputs["input_ids"]) > 1 and self.state.global_step == 4:  # a checkpoint of step 3 is there
            raise errors.pop()
        return step(self, model, inputs, *rest)

    monkeypatch.setattr(Trainer, "training_step", full)
    done = fine_tune(base_folder, tmp_path / "halved", SHORT)
    assert not errors
    assert done.size == BatchSize(1, 4)
    assert done.state.global_step == whole.state.global_step
    assert losses(done) == pytest.approx(losses(whole), abs=1e-3)


def test_a_training_that_fails_gives_the_terminal_back(base_folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    bars = []

    def failing(self: Trainer, *args: Any) -> None:
        bars.extend(callback.bar for callback in self.callback_handler.callbacks if isinstance(callback, ProgressBar))
        assert bars[0].live.is_started
        raise InputError("no")

    monkeypatch.setattr(Trainer, "training_step", failing)
    with pytest.raises(InputError, match="no"):
        fine_tune(base_folder, tmp_path, SHORT)
    assert not bars[0].live.is_started


def test_one_row_that_does_not_fit_into_memory_is_an_error(base_folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def full(*args: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(stage, "train", full)
    with pytest.raises(InputError, match="out of memory at batch_size 1; lower max_seq_length"):
        fine_tune(base_folder, tmp_path, SHORT)


def test_any_other_fault_is_not_taken_for_a_lack_of_memory(base_folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(stage, "train", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        fine_tune(base_folder, tmp_path, SHORT)


@pytest.mark.parametrize("rows", [1, 2, 3, 6, 8, 15, 49])
def test_passes_become_smaller_down_to_one_row_and_a_step_keeps_its_rows(rows: int) -> None:
    size = BatchSize(rows, 2)
    while size.rows > 1:
        assert size.smaller().rows < size.rows
        size = size.smaller()
        assert size.rows * size.passes == rows * 2
    with pytest.raises(InputError, match="out of memory at batch_size 1"):
        size.smaller()


def test_processes_share_a_step_of_the_same_rows() -> None:
    assert share(4, 4, 2) == BatchSize(4, 2)
    assert share(4, 1, 2) == BatchSize(2, 1)
    with pytest.raises(InputError, match="neither gradient_accumulation nor batch_size is a multiple of 2"):
        share(3, 1, 2)


def test_a_row_that_does_not_fit_is_left_out_or_cut_and_counted(base_folder: Path) -> None:
    tokenizer = load_tokenizer(read_base(base_folder))
    short = token_rows(ROWS, tokenizer, "", PARAMS).longest - 1
    dropping = token_rows(ROWS, tokenizer, "", changed(max_seq_length=short, too_long="drop"))
    cutting = token_rows(ROWS, tokenizer, "", changed(max_seq_length=short, too_long="truncate"))
    assert 0 < len(dropping.rows) == len(dropping.records) < len(ROWS) == len(dropping.rows) + dropping.dropped
    assert (len(cutting.rows), cutting.dropped, cutting.truncated) == (len(ROWS), 0, dropping.dropped)
    assert {row.labels[-1] for row in cutting.rows} == {tokenizer.eos_token_id}


@pytest.mark.parametrize("tracker", ["dvclive", "tensorboard", "wandb", "mlflow"])
def test_a_tracker_changes_no_byte_or_says_what_to_install(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tracker: str
) -> None:
    home = Path.cwd()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(home / "data")
    tracked = SHORT.model_copy(update={"report_to": tracker})
    if find_spec(tracker) is None:
        with pytest.raises(InputError, match=f"report_to: {tracker} is not installed; pip install {tracker}"):
            fine_tune(base_folder, tmp_path / "tracked", tracked)
        return
    for name, params in (("plain", SHORT), ("tracked", tracked)):
        save_adapter(fine_tune(base_folder, tmp_path / name, params).model, tmp_path / f"{name}.adapter", "card")
    assert hashes(tmp_path / "tracked.adapter") == hashes(tmp_path / "plain.adapter")
    assert [file for file in (tmp_path / ".cache" / "tracking").rglob("*") if file.is_file()]
    assert {file.name for file in tmp_path.iterdir()} == {
        ".cache", "data", "plain", "tracked", "plain.adapter", "tracked.adapter"
    }  # fmt: skip


class Underway:
    def synchronize(self) -> None:
        pass


def test_a_value_on_its_way_from_a_gpu_is_looked_at_a_step_later_and_before_a_save() -> None:
    watched, arriving = Finite(), cast(Any, Underway())
    watched.under_way.append(Value("the gradient", 7, torch.tensor(float("nan")), arriving))
    watched.look(before=7)
    with pytest.raises(InputError, match="the gradient is nan at step 7"):
        watched.look()
    with pytest.raises(InputError, match="loss is inf at step 8"):
        watched.watch("loss", 8, torch.tensor(float("inf")))
