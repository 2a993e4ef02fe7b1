"""The right answers that others published for the metrics that we stand on, and for our own forms of them."""

import ast
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

from stages.evaluate.metrics.bleu import Bleu
from stages.evaluate.metrics.exact import exact_match
from stages.evaluate.metrics.meteor import Meteor, NoWordNet, meteor, read_wordnet, wordnet_folder
from stages.evaluate.metrics.rouge import KEYS, Rouge, Words
from tests.examples import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.shared]


def cases(name: str) -> Any:
    return json.loads((SHARED / name / "cases.json").read_text(encoding="utf-8"))


def literals(path: Path) -> dict[str, Any]:
    """The module's names that are given literals, names of earlier ones among them."""
    known: dict[str, ast.expr] = {}

    class Known(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return known.get(node.id, node)

    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = Known().visit(node.value)
            try:
                found[node.targets[0].id] = ast.literal_eval(value)
            except ValueError:
                continue  # a call
            known[node.targets[0].id] = value
    return found


def test_sixteen_of_sixteen_bleu_scores_are_sacrebleus() -> None:
    known = cases("metric_reference")
    for case in known["bleu_corpus"]:
        assert BLEU(**case["kw"]).corpus_score(case["hyps"], case["refs"]).score == pytest.approx(case["score"], abs=1e-6)
    sentence = known["bleu_sentence"]
    for case in sentence["cases"]:
        options = {key: case[key] for key in ("smooth_method", "smooth_value", "lowercase", "tokenize", "effective_order")}
        found = BLEU(**options).sentence_score(sentence["hyp"], [sentence["ref"]]).score
        assert found == pytest.approx(case["score"], abs=1e-3)
    assert len(known["bleu_corpus"]) + len(sentence["cases"]) == 16
    ours = Bleu(keep_in_memory=True).compute(predictions=[sentence["hyp"]], references=[sentence["ref"]])
    assert ours["bleu"] == [pytest.approx(0.08493, abs=1e-5)]


def test_sixteen_of_sixteen_rouge_scores_are_the_original_programs() -> None:
    known = cases("rouge_reference")
    assert len(known) == 16
    for case in known:
        scorer = RougeScorer([case["kind"]], use_stemmer=case["stem"], tokenizer=None if case["stem"] else Words())
        assert scorer.score(case["target"], case["prediction"])[case["kind"]].fmeasure == pytest.approx(case["f"], abs=1e-5)
    for case in (case for case in known if case["kind"] in KEYS and not case["stem"]):
        found = Rouge(keep_in_memory=True).compute(predictions=[case["prediction"]], references=[case["target"]])
        assert found[case["kind"]] == [pytest.approx(case["f"], abs=1e-5)]


def test_every_bleu_and_chrf_case_of_sacrebleus_own_tests_holds() -> None:
    bleu, chrf = (literals(SHARED / "sacrebleu_reference" / f"test_{name}.py.txt") for name in ("bleu", "chrf"))
    for hypotheses, references, options, score in bleu["test_corpus_bleu_cases"]:
        assert BLEU(**options).corpus_score(hypotheses, references).score == pytest.approx(score, abs=1e-6)
    for order, hypotheses, references, score in bleu["test_bleu_max_order"]:
        assert f"{BLEU(max_ngram_order=order).corpus_score(hypotheses, references).score:.2f}" == score
    variants = {
        "test_cases": {"eps_smoothing": True},
        "test_cases_effective_order": {"eps_smoothing": False},
        "test_cases_keep_whitespace": {"whitespace": True},
    }
    for name, options in variants.items():
        for hypotheses, references, score in chrf[name]:
            assert CHRF(beta=3, **options).corpus_score(hypotheses, [references]).score == pytest.approx(score, abs=1e-4)
    for text, references, score in chrf["test_sentence_level_chrf"]:
        assert CHRF(eps_smoothing=True).sentence_score(text, references).score == pytest.approx(score, abs=1e-4)
    assert sum(len(chrf[name]) for name in [*variants, "test_sentence_level_chrf"]) == 25


def test_bleu_1_to_4_and_rouge_l_with_recall_weighted_are_nlg_evals() -> None:
    folder = SHARED / "nlg_eval_reference" / "examples"
    texts, *references = ((folder / f"{name}.txt").read_text().splitlines() for name in ("hyp", "ref1", "ref2"))
    expected = [0.55, 0.428174, 0.284043, 0.201143]
    for order, score in enumerate(expected, 1):
        scorer = BLEU(max_ngram_order=order, tokenize="none", smooth_method="none")
        assert scorer.corpus_score(texts, references).score / 100 == pytest.approx(score, abs=1e-6)
    rows = zip(texts, *references, strict=True)
    assert sum(rouge_l(text, truths) for text, *truths in rows) / len(texts) == pytest.approx(0.522104, abs=1e-6)


def rouge_l(text: str, truths: list[str], beta: float = 1.2) -> float:
    """F of the best precision and the best recall over the references, recall counted beta squared times."""
    found = [Rouge.scorer.score(truth, text)["rougeL"] for truth in truths]
    precision, recall = max(one.precision for one in found), max(one.recall for one in found)
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)


def test_meteor_is_nltks_with_and_without_wordnet() -> None:
    case = cases("metric_reference")["meteor"][0]
    known = [NoWordNet(), *([read_wordnet(folder)] if (folder := wordnet_folder()) else [])]
    assert [round(meteor(case["hyp"], case["ref"], wordnet), 4) for wordnet in known] == [case["score"]] * len(known)


def test_meteor_of_several_references_is_that_of_the_best_one() -> None:
    card = (SHARED / "hf_evaluate_reference" / "meteor" / "README.md").read_text(encoding="utf-8")
    text = re.search(r'predictions = (\["It is a guide to action which[^\n]*\])', card)
    truths = re.search(r"references = (\[\[[^\n]*\]\])", card)
    assert text
    assert truths
    [prediction], [references] = ast.literal_eval(text[1]), ast.literal_eval(truths[1])
    rows = Meteor(keep_in_memory=True).compute(predictions=[prediction] * 3, references=references)
    assert round(max(rows["meteor"]), 2) == 0.69


def test_exact_match_is_that_of_the_card_under_its_own_normal_forms() -> None:
    for case in cases("metric_reference")["exact_match"]:
        form = partial(normal, options=case["kw"])
        found = [exact_match(text, truth, form) for text, truth in zip(case["preds"], case["refs"], strict=True)]
        assert sum(found) / len(found) == case["score"]


def normal(text: str, options: dict[str, Any]) -> str:
    for pattern in options.get("regexes_to_ignore", []):
        text = re.sub(pattern, "", text)
    text = text.lower() if options.get("ignore_case") else text
    text = re.sub(r"[^\w\s]", "", text) if options.get("ignore_punctuation") else text
    return re.sub(r"\d", "", text) if options.get("ignore_numbers") else text
