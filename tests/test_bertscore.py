"""BERTScore on a model of the user's own: a small RoBERTa with random weights, made here, read from its folder alone."""

import shutil
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import RobertaConfig, RobertaModel, RobertaTokenizer

from stages.common.errors import InputError
from stages.common.models import hash_of_model
from stages.evaluate.metrics.bertscore import BertScore
from stages.evaluate.scores import Scorer
from stages.params.mask_pii import Params as PiiParams
from stages.params.score import Params
from stages.params.section import read_params

TEXTS = ["1. Open the Settings page.\n2. Tap Security.", "1. Close the door.", "1. Buka halaman Setelan."]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers, 64 positions, and a tokenizer that doesn't say how long a text may be."""
    folder = tmp_path_factory.mktemp("models") / "tiny-roberta"
    folder.mkdir()
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(TEXTS * 20, vocab_size=400, special_tokens=SPECIAL)
    trained.save_model(str(folder))
    tokenizer = RobertaTokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"))
    torch.manual_seed(4)
    config = RobertaConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=66, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    RobertaModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    assert tokenizer.model_max_length > 10**9
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> NoReturn:
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)


def scores(metric: BertScore, answers: list[str], truths: list[str]) -> list[float]:
    return list(metric.compute(predictions=answers, references=truths)["bertscore_f1"])


def test_a_folder_is_scored_on_and_named_by_its_hash(roberta: Path) -> None:
    params = read_params()
    score = Params.model_validate(params["score"] | {"bertscore_model": str(roberta), "bertscore_layer": 2})
    metric = Scorer(score, PiiParams.model_validate(params["mask_pii"] | {"names": "rules"})).metrics["bertscore"]
    same, other, empty = scores(metric, [TEXTS[0], TEXTS[1], " \n"], [TEXTS[0], TEXTS[0], TEXTS[0]])
    assert same == pytest.approx(1, abs=1e-5)
    assert 0 < other < 0.999
    assert empty == 0
    assert f"tiny-roberta (sha256 {hash_of_model(roberta)[:12]}), layer 2" in metric.signature()


def test_a_text_longer_than_the_model_is_cut_and_not_crashed_on(roberta: Path) -> None:
    metric = BertScore(keep_in_memory=True).use(str(roberta), 1)
    long = " ".join(TEXTS * 50)
    assert scores(metric, [long], [long]) == pytest.approx([1], abs=1e-5)


def test_other_weights_have_another_signature(roberta: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(roberta, tmp_path / "tiny-roberta")
    model = RobertaModel.from_pretrained(changed)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[5, 0] += 1
    model.save_pretrained(changed)
    said = [BertScore(keep_in_memory=True).use(str(folder), 1).signature() for folder in (roberta, changed)]
    assert said[0] != said[1]


def test_a_layer_that_the_model_lacks_and_a_folder_that_would_be_misread_are_one_message(roberta: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"score\.bertscore_layer: .*between 0 and 2"):
        scores(BertScore(keep_in_memory=True).use(str(roberta), 9), [TEXTS[0]], [TEXTS[0]])
    misread = shutil.copytree(roberta, tmp_path / "not-t5")
    with pytest.raises(InputError, match="rename"):
        scores(BertScore(keep_in_memory=True).use(str(misread), 1), [TEXTS[0]], [TEXTS[0]])
