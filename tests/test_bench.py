"""What the training benchmark's peers are given: the same model from a folder, and rows that keep their tokens."""

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from tests.bench.runs import LONGEST, RUNS, packed_rows, unpacked
from tests.bench.shape import build, save, tiny


def test_a_model_saved_for_a_peer_answers_as_the_one_that_was_built(tmp_path: Path) -> None:
    built = build(tiny())
    save(built, tmp_path)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True, device_map={"": "cpu"})
    for module in loaded.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        assert torch.equal(loaded.eval()(ids).logits, built.eval()(ids).logits)
    assert loaded.model.layers[0].mlp.up_proj.weight.quant_state is not None


def test_packed_rows_are_nearly_full_and_made_of_whole_rows() -> None:
    run = RUNS["trl+liger alpaca packed"]
    drawn = unpacked(run, vocabulary=512)
    packed = packed_rows(drawn, bins=run.rows * run.accumulation * run.steps)
    assert len(packed) == run.rows * run.accumulation * run.steps
    left = {tuple(row) for row in drawn}
    for row in packed:
        assert LONGEST * 0.97 < sum(row["seq_lengths"]) == len(row["input_ids"]) <= LONGEST
        begin = 0
        for length in row["seq_lengths"]:
            left.remove(tuple(row["input_ids"][begin : begin + length]))
            begin += length
