"""Whether a rewording still asks the same: changed, undamaged, and near enough to its question."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from stages.augment.spans import protected
from stages.common.text import match_key, similarity
from stages.params.augment import Params

Pairs: TypeAlias = Sequence[tuple[str, str]]
Similarity: TypeAlias = Callable[[Pairs], Sequence[float]]


def damage(prompt: str, text: str) -> str | None:
    """Why `text` is no rewording of `prompt` whatever it means, as a reason key."""
    if match_key(text) == match_key(prompt):
        return "unchanged_rewording"
    return "damaged_rewording" if protected(text) != protected(prompt) else None


def characters(pairs: Pairs) -> list[float]:
    return [similarity(*pair) for pair in pairs]


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
