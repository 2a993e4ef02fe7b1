"""Why a row may not be learnt from, whatever its answer says."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from stages.common.errors import InputError

# What a chat template would read as a command, and what a person wrote as one. Such rows are kept aside, not cleaned:
# who put a control token into an answer may have put more there.
CONTROL = re.compile(
    r"\[/?INST\]|</?s>|<(?:unk|pad|mask)>|<</?SYS>>|<\|[^|<>]{1,40}\|>|\[(?:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all)\b.{0,30}\b(?:instruction|prompt|rule|message)"
    r"|\babaikan\b.{0,30}\b(?:instruksi|perintah|petunjuk|aturan)\b.{0,20}\b(?:sebelum|di atas|tadi|semua)"
    r"|\b(?:reveal|print|show)\b.{0,20}\bsystem prompt\b|^\s*system\s*:",
    re.IGNORECASE | re.MULTILINE,
)
REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bsebagai (?:model bahasa|(?:model |asisten )?(?:ai|kecerdasan buatan))\b"
    r"|^(?:i'?m sorry|sorry|maaf),? (?:but |tetapi |tapi )?(?:i|saya) (?:can'?t|cannot|am unable|tidak (?:bisa|dapat))",
    re.IGNORECASE,
)
SURE = 0.99  # probability


def fault(prompt: str, response: str) -> str | None:
    """Why a row may not be learnt from, as a reason key."""
    both = f"{prompt}\n{response}"
    if CONTROL.search(both):
        return "control_token"
    if INJECTION.search(both):
        return "injected_instruction"
    return "refusal" if REFUSAL.search(response) else None


def surely_another_language(text: str, language: str, languages: tuple[str, ...]) -> bool:
    """Whether `text` is surely in another of `languages`; never, where `language` is none of them."""
    if language not in languages or len(languages) < 2:
        return False
    found, probability = identifier(languages).classify(text)
    return bool(probability >= SURE and found != language)


@cache
def identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        model.set_languages(list(languages))
    except ValueError as error:
        raise InputError(f"params.yaml: normalize.languages: {error}") from None
    return model
