"""The fast path of the training computes what the plain one does; here on a CPU, its arithmetic without its kernels."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import MistralConfig

from stages.common.errors import InputError
from stages.common.models import load_quantised, make_deterministic, read_base
from stages.common.prompts import TokenRow
from stages.params.qlora_train import Params
from stages.qlora_train.adapter import save_adapter
from stages.qlora_train.fast import layers
from stages.qlora_train.fast.linear import Projection, masks, project
from stages.qlora_train.fast.norm import added_and_normed
from stages.qlora_train.fast.plan import Plan, Shape, choose, needed
from stages.qlora_train.forgetting import mean_loss
from stages.qlora_train.memory import BatchSize
from stages.qlora_train.path import Prepared, plan_for, prepared, unsupported
from stages.qlora_train.rows import Batches
from tests.tiny import changed, data, fine_tune, hashes

SHORT = changed(epochs=1.0, lora_dropout=0.0)  # six steps
MISTRAL_7B = Shape(hidden=4096, inner=14336, key_value=1024, layers=32, vocabulary=32000, adapter=41_943_040)


def ready(base_folder: Path, path: str, **values: Any) -> Prepared:
    """With a B that isn't zero: at its usual start the gradient of A vanishes."""
    params = changed(**{"lora_dropout": 0.0, "path": path} | values)
    make_deterministic(params.seed)
    made = prepared(load_quantised(read_base(base_folder)), params, BatchSize(4, 1), [64])
    draw = torch.Generator().manual_seed(1)
    for name, weight in sorted(made.model.named_parameters()):
        if "lora_B" in name:
            weight.data = torch.randn(weight.shape, generator=draw) * 0.05
    return made


def rows_of(base_folder: Path) -> list[TokenRow]:
    return data(base_folder, SHORT).train.rows


def batch(rows: list[TokenRow], *, packing: bool) -> dict[str, Any]:
    return Batches(0, packing=packing)([{"input_ids": row.input_ids, "labels": row.labels} for row in rows])


def gradients(base_folder: Path, path: str, **values: Any) -> tuple[float, dict[str, torch.Tensor]]:
    made = ready(base_folder, path, **values)
    inputs = batch(rows_of(base_folder)[:4], packing=made.params.packing)
    torch.manual_seed(2)
    logits = made.model.train()(**inputs).logits[:, :-1]
    loss = cross_entropy(logits.flatten(0, 1), inputs["labels"][:, 1:].flatten())
    loss.backward()
    return float(loss.detach()), {name: weight.grad for name, weight in made.model.named_parameters() if weight.requires_grad}


@pytest.mark.parametrize("values", [{}, {"target_modules": ["q_proj", "v_proj", "down_proj"]}, {"rank_stabilised": True}])
def test_a_step_has_the_same_loss_and_gradients_on_both_paths(base_folder: Path, values: dict[str, Any]) -> None:
    plain_loss, plain = gradients(base_folder, "plain", **values)
    fast_loss, fast = gradients(base_folder, "fast", **values)
    assert fast_loss == pytest.approx(plain_loss, abs=1e-4)
    assert list(fast) == list(plain)
    for name, gradient in plain.items():
        assert gradient.abs().max() > 1e-4
        torch.testing.assert_close(fast[name], gradient, rtol=1e-4, atol=1e-5)


def test_recomputed_layers_drop_what_they_dropped(base_folder: Path) -> None:
    kept = gradients(base_folder, "fast", lora_dropout=0.3)
    made = ready(base_folder, "fast", lora_dropout=0.3, gradient_checkpointing=True)
    assert made.params.gradient_checkpointing
    made.model.gradient_checkpointing_enable({"use_reentrant": False})
    torch.manual_seed(2)
    inputs = batch(rows_of(base_folder)[:4], packing=True)
    logits = made.model.train()(**inputs).logits[:, :-1]
    cross_entropy(logits.flatten(0, 1), inputs["labels"][:, 1:].flatten()).backward()
    for name, weight in made.model.named_parameters():
        if weight.requires_grad:
            torch.testing.assert_close(weight.grad, kept[1][name], rtol=0, atol=0)


def test_a_layer_is_recomputed_where_that_is_asked_for(base_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []

    def counted(*parts: Any) -> tuple[torch.Tensor, torch.Tensor]:
        passes.append(1)
        return added_and_normed(*parts)

    monkeypatch.setattr(layers, "added_and_normed", counted)
    inputs, counts = batch(rows_of(base_folder)[:4], packing=True), []
    for recompute in (False, True):
        model = ready(base_folder, "fast", gradient_checkpointing=recompute).model.train()
        if recompute:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        passes.clear()
        model(**inputs).logits.sum().backward()
        counts.append(len(passes) / len(model.get_base_model().model.layers))
    assert counts == [2, 4]


@pytest.mark.parametrize(("rank", "fits"), [(64, True), (128, False)])
def test_an_adapter_too_wide_for_the_kernels_is_left_to_the_usual_products(base_folder: Path, rank: int, fits: bool) -> None:
    model = ready(base_folder, "fast", lora_r=rank).model.get_base_model()
    assert model.model.layers[0].mlp.inputs.fits is fits


def test_dropout_has_the_gradients_of_its_masks_written_out() -> None:
    torch.manual_seed(0)
    x, weights = torch.randn(6, 8, requires_grad=True), [torch.randn(5, 8), torch.randn(4, 8)]
    ab = [(torch.randn(2, 8, requires_grad=True), torch.randn(len(weight), 2, requires_grad=True)) for weight in weights]
    leaves = [x, *(matrix for pair in ab for matrix in pair)]

    def found(outputs: Callable[[], Any]) -> list[torch.Tensor]:
        torch.manual_seed(3)
        return list(torch.autograd.grad(sum((output**2).sum() for output in outputs()), leaves))

    def written_out() -> list[torch.Tensor]:
        drawn = masks(x, 2, 0.5, torch.randint(2**31, (2, 2), dtype=torch.int64))
        return [x @ w.t() + 3 * (x * mask) @ a.t() @ b.t() for w, (a, b), mask in zip(weights, ab, drawn, strict=True)]

    def layer(a: torch.Tensor, b: torch.Tensor) -> Any:
        parts = {"lora_A": a, "lora_B": b}
        named = {name: {"default": SimpleNamespace(weight=matrix)} for name, matrix in parts.items()}
        return SimpleNamespace(**named, scaling={"default": 3.0}, lora_dropout={"default": SimpleNamespace(p=0.5)})

    ours = [Projection(SimpleNamespace(weight=weight), layer(*pair)) for weight, pair in zip(weights, ab, strict=True)]
    for one, other in zip(found(lambda: project(x, ours, training=True)), found(written_out), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_packed_rows_do_not_see_each_other(base_folder: Path) -> None:
    model = ready(base_folder, "fast").model.eval()
    first, second, third = rows_of(base_folder)[:3]
    length = len(first.input_ids)
    together = model(**batch([first, third], packing=True)).logits[0, length:]
    beside_another = model(**batch([TokenRow(second.input_ids[:length], second.labels[:length]), third], packing=True)).logits[
        0
    ]
    alone = model(input_ids=torch.tensor([third.input_ids])).logits[0]
    torch.testing.assert_close(together, beside_another[-len(third.input_ids) :], rtol=0, atol=1e-5)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_padded_rows_are_judged_alike_on_both_paths(base_folder: Path) -> None:
    rows = [TokenRow(row.input_ids[: 8 + n], row.labels[: 8 + n]) for n, row in enumerate(rows_of(base_folder))]
    rows = [TokenRow(row.input_ids, row.input_ids) for row in rows]
    plain, fast = (mean_loss(ready(base_folder, path).model, rows, 0, 5) for path in ("plain", "fast"))
    assert fast == pytest.approx(plain, abs=1e-5)


@pytest.fixture(scope="module")
def trained(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Adapters of six steps each, saved."""
    folder = tmp_path_factory.mktemp("trained")
    for path in ("plain", "auto", "fast"):
        done = fine_tune(base_folder, folder / "checkpoints" / path, SHORT.model_copy(update={"path": path}))
        save_adapter(done.model, folder / path, "card")
    return {path: folder / path for path in ("plain", "auto", "fast")}


def test_plain_peft_loads_what_the_fast_path_trained(base_folder: Path, trained: dict[str, Path]) -> None:
    rows, base = rows_of(base_folder), read_base(base_folder)
    names = [set(load_file(trained[path] / "adapter_model.safetensors")) for path in ("plain", "fast")]
    assert names[0] == names[1]
    plain, fast = (
        mean_loss(PeftModel.from_pretrained(load_quantised(base), trained[path]), rows, 0, 4) for path in ("plain", "fast")
    )
    assert fast == pytest.approx(plain, abs=1e-3)
    assert fast < mean_loss(load_quantised(base), rows, 0, 4) - 0.1


def test_without_a_gpu_auto_is_plain_to_the_byte(trained: dict[str, Path]) -> None:
    assert hashes(trained["auto"]) == hashes(trained["plain"])


def test_weighted_rows_train_alike_on_both_paths(base_folder: Path, tmp_path: Path) -> None:
    found = []
    for path in ("plain", "fast"):
        done = fine_tune(
            base_folder, tmp_path / path, SHORT.model_copy(update={"path": path, "class_weighting": "balanced", "epochs": 0.5})
        )
        found.append([entry["loss"] for entry in done.state.log_history if "loss" in entry])
    assert found[1] == pytest.approx(found[0], abs=1e-3)


def test_what_the_fast_path_cannot_compute_is_refused(base_folder: Path) -> None:
    with pytest.raises(InputError, match=r"qlora_train\.path: the fast path .* neftune_alpha by; set it to plain"):
        ready(base_folder, "fast", neftune_alpha=5.0)
    model = load_quantised(read_base(base_folder))
    model.config.sliding_window = 32
    params: Params = changed(path="fast")
    assert "a row of 33 tokens is longer than this model's 32" in unsupported(model, params, 33)
    assert unsupported(model, params, 32) == ""


def test_a_plan_is_the_whole_step_fits_and_spends_more_memory_where_there_is_more() -> None:
    lengths = [100 + number % 400 for number in range(1000)]
    times = []
    for gib in (10, 16, 24, 48, 80, 139):
        plan = choose(MISTRAL_7B, lengths, 32, 32, gib * 2**30)
        assert plan.rows * plan.accumulation == 32
        assert needed(MISTRAL_7B, plan, sum(sorted(lengths)[-plan.rows :])) <= gib * 2**30
        times.append((plan.recompute, not plan.cache))
    assert times == sorted(times, reverse=True)
    assert times[0] != times[-1]
    assert choose(MISTRAL_7B, lengths, 32, 4, 139 * 2**30).rows <= 4
    assert choose(MISTRAL_7B, lengths, 32, 32, 0) == Plan(rows=1, accumulation=32, recompute=True, offload=True, cache=False)


def test_after_a_lack_of_memory_a_pass_keeps_to_the_halved_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (139 * 2**30, 140 * 2**30))
    config = MistralConfig(num_key_value_heads=8)
    model: Any = SimpleNamespace(
        device=torch.device("cuda"), config=config, get_nb_trainable_parameters=lambda: (MISTRAL_7B.adapter, 0)
    )
    params = changed(batch_size=4, gradient_accumulation=8)
    at_first, halved = (plan_for(model, params, size, [100] * 64) for size in (BatchSize(4, 8), BatchSize(2, 16)))
    assert (at_first.rows, at_first.accumulation, at_first.cache) == (32, 1, True)
    assert (halved.rows, halved.accumulation) == (2, 16)
