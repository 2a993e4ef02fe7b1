"""Find and mask personal data: Presidio's rules on an empty spaCy pipeline, with Indonesian numbers and cued names added.

No model is loaded and nothing is downloaded. `mask_pii` and the leak check of `evaluate` share this module.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import ClassVar

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, Pattern, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
)

from stages.params.mask_pii import Params

LANGUAGE = "en"  # Presidio's registry wants one; every rule here holds for both languages of the corpus
SHORT = {"EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP"}
PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_(\d+)\]")
NIK = Pattern("NIK: 16 digits, date of birth inside", r"\b\d{6}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{6}\b", 0.9)
NPWP = Pattern("NPWP: 15 digits with its dots", r"\b\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}\b", 0.95)
NAME = r"(?-i:[A-Z][a-z]+(?:['-][A-Z][a-z]+)?(?: [A-Z][a-z]+(?:['-][A-Z][a-z]+)?){0,2})"
NAME_CUE = Pattern(
    "a name after words that announce one",
    "|".join(rf"(?<={cue} ){NAME}" for cue in ("my name is", "name's", "regards,", "nama saya", "a/n", "atas nama")),
    0.8,
)


class OfflineEmail(EmailRecognizer):
    """Presidio's e-mail rule with the public suffix list that ships with tldextract, never a downloaded one."""

    suffixes = tldextract.TLDExtract(suffix_list_urls=())

    def validate_result(self, pattern_text: str) -> bool:
        return bool(self.suffixes(pattern_text).top_domain_under_public_suffix)


class PublicIp(IpRecognizer):
    """Addresses that can point to a person's line. `192.168.1.1` in a router's manual points to nobody."""

    local: ClassVar = [ip_network(net) for net in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                                         "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10")]  # fmt: skip

    def invalidate_result(self, pattern_text: str) -> bool:
        try:
            address = ip_address(pattern_text.split("/", maxsplit=1)[0])
        except ValueError:
            return True
        return any(address in network for network in self.local)


class BlankEngine(SpacyNlpEngine):
    """A tokenizer alone. `lemma_` is what Presidio's context words compare with, so it must not be empty."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])

    def load(self) -> None:
        pipeline = spacy.blank("xx")
        pipeline.add_pipe("lower_lemmas")
        self.nlp = {LANGUAGE: pipeline}


@spacy.Language.component("lower_lemmas")
def lower_lemmas(doc: spacy.tokens.Doc) -> spacy.tokens.Doc:
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def pattern(entity: str, *patterns: Pattern) -> PatternRecognizer:
    return PatternRecognizer(supported_entity=entity, patterns=list(patterns), supported_language=LANGUAGE)


def analyzer(params: Params) -> AnalyzerEngine:
    recognizers: Sequence[EntityRecognizer] = [
        OfflineEmail(),
        PhoneRecognizer(supported_regions=params.phone_regions),
        CreditCardRecognizer(),
        IbanRecognizer(),
        PublicIp(),
        CryptoRecognizer(),
        pattern("ID_NIK", NIK),
        pattern("ID_NPWP", NPWP),
        pattern("PERSON", NAME_CUE),
    ]
    registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=[LANGUAGE])


def spans(text: str, engine: AnalyzerEngine, params: Params) -> list[RecognizerResult]:
    """What to mask, in order of appearance: of two that overlap, the surer, then the longer."""
    found = engine.analyze(text, LANGUAGE, entities=list(params.entities), score_threshold=params.min_score)
    taken = [(match.start(), match.end()) for match in PLACEHOLDER.finditer(text)]
    chosen = []
    for result in sorted(found, key=lambda item: (-item.score, item.start - item.end, item.start)):
        if all(result.end <= start or end <= result.start for start, end in taken):
            taken.append((result.start, result.end))
            chosen.append(result)
    return sorted(chosen, key=lambda item: item.start)


def mask(texts: Iterable[str], engine: AnalyzerEngine, params: Params) -> tuple[list[str], Counter[str]]:
    """Mask texts that belong together: one value has one placeholder in all of them. Masking again changes nothing."""
    names: dict[tuple[str, str], str] = {}
    texts = list(texts)
    # Numbers go on after those of placeholders that stand there already.
    taken = max((int(number) for text in texts for number in PLACEHOLDER.findall(text)), default=0)
    used: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    masked = []
    for text in texts:
        parts, end = [], 0
        for span in spans(text, engine, params):
            value = (span.entity_type, text[span.start : span.end].casefold())
            if value not in names:
                used[span.entity_type] += 1
                names[value] = f"[{SHORT.get(span.entity_type, span.entity_type)}_{taken + used[span.entity_type]}]"
            parts += [text[end : span.start], names[value]]
            end = span.end
            counts[span.entity_type] += 1
        masked.append("".join([*parts, text[end:]]))
    return masked, counts
