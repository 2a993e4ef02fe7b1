"""nlpaug in a third of its time: without libraries that set phrases and typing slips don't need, its words as plain words."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from stages.common.hiding import without


@contextmanager
def hollow(**libraries: Sequence[str]) -> Iterator[None]:
    """Stand-ins, for as long as it lasts, for libraries of which nlpaug asks no more than that these classes exist."""
    absent = {name: ModuleType(name) for name in libraries if name not in sys.modules}
    for name, module in absent.items():
        module.__dict__.update({kind: type(kind, (), {}) for kind in libraries[name]})
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


with without("torch", "transformers", "nltk"), hollow(pandas=["DataFrame"], gdown=[]):
    from nlpaug.augmenter.char import KeyboardAug, keyboard
    from nlpaug.augmenter.word import ReservedAug, reserved

__all__ = ["KeyboardAug", "ReservedAug", "contextual_augmenter"]


class Words:
    """What the two augmenters ask of nlpaug's own `Doc`, which keeps the history of every word in four objects."""

    def __init__(self, _: str, tokens: Sequence[str]) -> None:
        self.original, self.latest = tokens, list(tokens)

    def get_original_tokens(self) -> Sequence[str]:
        return self.original

    def get_token(self, index: int) -> Any:
        return Word(self.original[index])

    def add_change_log(self, index: int, new_token: str, **_: Any) -> None:
        self.latest[index] = new_token

    def get_augmented_tokens(self) -> list[str]:
        return [token for token in self.latest if token]


class Word:
    def __init__(self, token: str) -> None:
        self.token, self.orig_token = token, self


keyboard.Doc = reserved.Doc = Words


def contextual_augmenter(**settings: Any) -> Any:
    """nlpaug's ContextualWordEmbsAug; nlpaug is read again, because it looked for torch while that was hidden."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "nlpaug"]:
        del sys.modules[name]
    return import_module("nlpaug.augmenter.word").ContextualWordEmbsAug(**settings)
