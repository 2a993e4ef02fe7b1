"""nlpaug without the libraries that set phrases and typing slips don't need: importing them costs five seconds a stage.

They are hidden only while nlpaug is imported, and only where nothing has imported them before.
"""

import sys
from importlib import import_module
from typing import Any

HEAVY = ("torch", "transformers", "nltk")
hidden = [name for name in HEAVY if name not in sys.modules]
sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
try:
    from nlpaug.augmenter.char import KeyboardAug
    from nlpaug.augmenter.word import ReservedAug
finally:
    for name in hidden:
        del sys.modules[name]

__all__ = ["KeyboardAug", "ReservedAug", "contextual_augmenter"]


def contextual_augmenter(**settings: Any) -> Any:
    """nlpaug's ContextualWordEmbsAug; nlpaug is read again, because it looked for torch while that was hidden."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "nlpaug"]:
        del sys.modules[name]
    return import_module("nlpaug.augmenter.word").ContextualWordEmbsAug(**settings)
