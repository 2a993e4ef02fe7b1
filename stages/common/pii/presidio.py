"""Presidio without the deep-learning libraries that its rules don't need: importing them costs four seconds a stage.

They are hidden only while Presidio is imported, and only where nothing has imported them before.
"""

import sys

HEAVY = ("torch", "transformers", "tensorflow", "stanza", "spacy_stanza", "spacy_huggingface_pipelines", "gliner")
hidden = [name for name in HEAVY if name not in sys.modules]
sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
try:
    import spacy
    import spacy.training
    from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
    from presidio_analyzer.nlp_engine import NoOpNlpEngine
finally:
    for name in hidden:
        del sys.modules[name]

__all__ = [
    "AnalyzerEngine",
    "LocalRecognizer",
    "NoOpNlpEngine",
    "RecognizerRegistry",
    "RecognizerResult",
    "spacy",
]
