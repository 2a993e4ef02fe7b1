"""Whether a rewording still asks the same: changed, undamaged, and near enough to its question."""

from collections.abc import Callable, Sequence
from itertools import compress, count
from operator import ne
from typing import TypeAlias

from stages.augment.spans import protected
from stages.common.text import NGRAM, match_key
from stages.params.augment import Params

Pairs: TypeAlias = Sequence[tuple[str, str]]
Similarity: TypeAlias = Callable[[Pairs], Sequence[float]]


def damage(prompt: str, text: str) -> str | None:
    """Why `text` is no rewording of `prompt` whatever it means, as a reason key."""
    if match_key(text) == match_key(prompt):
        return "unchanged_rewording"
    return "damaged_rewording" if protected(text) != protected(prompt) else None


def characters(pairs: Pairs) -> list[float]:
    return [alike(*pair) for pair in pairs]


def alike(one: str, other: str) -> float:
    """`similarity` in two thirds of its time for texts that begin and end alike, as a question and its rewording do: what
    they share there is cut into grams once."""
    left, right = (f" {match_key(text)} ".ljust(NGRAM) for text in (one, other))
    begin = alike_for(left, right)
    end = min(alike_for(left[::-1], right[::-1]), len(left) - begin, len(right) - begin)
    both = cut(left[:begin]) | cut(left[len(left) - end :])
    mine, theirs = (cut(key[max(0, begin - NGRAM + 1) : len(key) - end + NGRAM - 1]) for key in (left, right))
    return (len(both) + len((mine & theirs) - both)) / (len(both) + len((mine | theirs) - both))


def alike_for(left: str, right: str) -> int:
    """How many letters two texts begin with alike."""
    return next(compress(count(), map(ne, left, right)), min(len(left), len(right)))


def cut(key: str) -> set[str]:
    return {key[start : start + NGRAM] for start in range(len(key) - NGRAM + 1)}


def embeddings() -> Similarity:
    """Cosine of the MiniLM embeddings."""
    # The import costs seconds: only where it is asked for.
    from stages.common.embeddings import Embedder  # noqa: PLC0415

    return Embedder(batch_size=16).paired


def similarity_of(params: Params) -> Similarity:
    return embeddings() if params.similarity == "embedding" else characters


def in_band(value: float, language: str, params: Params) -> bool:
    lowest = params.min_characters
    if params.similarity == "embedding":
        lowest = params.min_embedding.get(language, max(params.min_embedding.values()))
    return lowest <= value <= params.max_similarity
