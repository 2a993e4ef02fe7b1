"""Find and mask personal data, offline. `mask_pii`, the leak check of `evaluate` and the gate share this package.

`analyzer` builds the engine of `params.yaml: mask_pii`, `spans` says what is to be masked, `mask` masks it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from stages.common.pii.engine import Engine
from stages.common.pii.masking import Placeholders
from stages.common.pii.presidio import RecognizerResult
from stages.params.mask_pii import Params

ROUNDS = 8


def analyzer(params: Params, verdicts: Mapping[str, bool] | None = None) -> Engine:
    return Engine(params, verdicts or {})


def spans(text: str, engine: Engine, params: Params) -> list[RecognizerResult]:
    """What to mask, sure or doubtful, in order of appearance."""
    return [result for result in engine.find(text) if result.score >= params.doubtful]


def mask(texts: Iterable[str], engine: Engine, params: Params, key: bytes = b"") -> tuple[list[str], Counter[str]]:
    """Mask texts that belong together: one value has one placeholder in all of them. Masking again changes nothing."""
    texts = list(texts)
    placeholders, counts = Placeholders(texts, key), Counter[str]()
    return [settled(text, engine, params, placeholders, counts) for text in texts], counts


def settled(text: str, engine: Engine, params: Params, placeholders: Placeholders, counts: Counter[str]) -> str:
    """Masked until nothing is left to mask: what one round uncovers, the next one takes."""
    for _ in range(ROUNDS):
        found = spans(text, engine, params)
        if not found:
            break
        text = replaced(text, found, placeholders)
        counts.update(result.entity_type for result in found)
    return text


def replaced(text: str, found: Iterable[RecognizerResult], placeholders: Placeholders) -> str:
    parts, end = [], 0
    for result in found:
        parts += [text[end : result.start], placeholders.of(result.entity_type, text[result.start : result.end])]
        end = result.end
    return "".join([*parts, text[end:]])
