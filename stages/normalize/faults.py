"""Why a row may not be learnt from, whatever its answer says."""

import re

from stages.common.text import may_hold

# What a chat template would read as a command, and what a person wrote as one. Such rows are kept aside, not cleaned:
# who put a control token into an answer may have put more there.
CONTROL = re.compile(
    r"\[/?INST\]|</?s>|<(?:unk|pad|mask)>|<</?SYS>>|<\|[^|<>]{1,40}\|>|\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
    r"|\[(?-i:IMG|PREFIX|MIDDLE|SUFFIX|(?:control|REFERENCE_DOC)_\d+)\]",
    re.IGNORECASE,
)
INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all)\b.{0,30}\b(?:instruction|prompt|rule|message)"
    r"|\babaikan\b.{0,30}\b(?:instruksi|perintah|petunjuk|aturan)\b.{0,20}\b(?:sebelum|di atas|tadi|semua)"
    r"|\b(?:reveal|print|show)\b.{0,20}\bsystem prompt\b|^\s*system\s*:",
    re.IGNORECASE | re.MULTILINE,
)
INJECTION_WORDS = ("ignore", "disregard", "forget", "abaikan", "system")  # one of them stands in every such text
REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bsebagai (?:model bahasa|(?:model |asisten )?(?:ai|kecerdasan buatan))\b"
    r"|^(?:i'?m sorry|sorry|maaf),? (?:but |tetapi |tapi )?(?:i|saya) (?:can'?t|cannot|am unable|tidak (?:bisa|dapat))",
    re.IGNORECASE,
)
REFUSAL_WORDS = ("as a", "sebagai", "sorry", "maaf")  # as above


def fault(prompt: str, response: str) -> str | None:
    """Why a row may not be learnt from, as a reason key."""
    both = f"{prompt}\n{response}"
    if ("[" in both or "<" in both) and CONTROL.search(both):
        return "control_token"
    if may_hold(both, INJECTION_WORDS) and INJECTION.search(both):
        return "injected_instruction"
    return "refusal" if may_hold(response, REFUSAL_WORDS) and REFUSAL.search(response) else None
