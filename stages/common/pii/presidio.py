"""Presidio without the deep-learning libraries that its rules don't need: importing them costs four seconds a stage."""

from stages.common.hiding import without

with without("torch", "transformers", "tensorflow", "stanza", "spacy_stanza", "spacy_huggingface_pipelines", "gliner"):
    import spacy
    import spacy.training
    from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

__all__ = [
    "AnalyzerEngine",
    "LocalRecognizer",
    "NoOpNlpEngine",
    "RecognizerRegistry",
    "RecognizerResult",
    "spacy",
]
