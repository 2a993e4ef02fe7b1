"""nlpaug without the libraries that set phrases and typing slips don't need: importing them costs five seconds a stage."""

import sys
from importlib import import_module
from typing import Any

from stages.common.hiding import without

with without("torch", "transformers", "nltk"):
    from nlpaug.augmenter.char import KeyboardAug
    from nlpaug.augmenter.word import ReservedAug

__all__ = ["KeyboardAug", "ReservedAug", "contextual_augmenter"]


def contextual_augmenter(**settings: Any) -> Any:
    """nlpaug's ContextualWordEmbsAug; nlpaug is read again, because it looked for torch while that was hidden."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "nlpaug"]:
        del sys.modules[name]
    return import_module("nlpaug.augmenter.word").ContextualWordEmbsAug(**settings)
