"""Whether a sentence tells its reader to do something, in English or Indonesian.

Both languages begin a command with the bare verb, and mark it by nothing: so this goes by a list of the verbs of instructions,
with two rules for others. A verb that is missing leaves an answer refused, a sentence wrongly taken for a command spoils one;
where both could be, it is none.
"""

import re

from stages.common.steps import ORDINAL
from stages.normalize.verbs import NO_VERBS, VERBS

DETERMINER = re.compile(r"\s+(?:the|an?|your|this|that|these|those|each|every|any|all|both|its?|them|another|one|yourself)\b")
# What may stand before the verb: words of politeness and manner; a condition, a place or a time, up to a comma.
BEFORE = re.compile(
    r"(?:please|kindly|just|now|also|again|always|never|first|later|otherwise|tomorrow|do not|don't|and|or|(?!apply|re)[a-z]+ly"
    r"|silakan|silahkan|mohon|harap|tolong|segera|cukup|jangan lupa)\b,?\s+(?=\w)",
    re.IGNORECASE,
)
WHERE = re.compile(
    r"(?:if|when|whenever|once|as|after|before|while|until|unless|in|on|at|under|below|above|from|to|for|with|within|during|by"
    r"|through|inside|next to|beside|without|where|because|since"
    r"|jika|bila|kalau|apabila|saat|ketika|setelah|sesudah|sebelum|begitu|setibanya|sesampainya|selama|selagi|sambil|di|pada|dari|ke|untuk"
    r"|dengan|dalam|tanpa|agar|supaya|melalui|lewat|sebagai|karena)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?!\.\w)")
# "Order confirmations are sent by email.": up to three small words that no verb governs, and then the sentence's own verb.
GOVERNED = r"(?:the|an?|your|th[aeio]\w*|if|sure|un?til|wh\w+|how|once|everything|and|or|in|on|to|at|you|we|they|it)\b"
OWN_VERB = re.compile(
    rf"[A-Z]?[a-z-]+(?: (?!{GOVERNED})[a-z-]+){{0,3}} (?:is|are|was|were|will|can|cannot|may|must|should|has|have|does|do"
    r"|takes?|depends?|appl(?:y|ies)|expires?|var(?:y|ies)|needs?|includes?|costs|arrives?|requires?)(?=\s)"
    r"|(?![Pp]astikan)[A-Z]?[a-z-]+(?: (?!yang\b)[\w-]+){0,3}"
    r" (?:akan|adalah|merupakan|ialah|membutuhkan|memerlukan|memakan|tergantung)\s"
)
REMARK = re.compile(
    r"(?:do|have) (?:you|i|we|they)\b|(?:note|remember) that\b|(?:catat|ingat|perhatikan)(?:lah)? bahwa\b", re.IGNORECASE
)


def commands(sentence: str) -> bool:
    """Whether a sentence is a command, be it behind a word of order or manner, or a condition: "If it fails, tap Retry."."""
    rest = without_order(sentence.lstrip("\"'([*"))
    while before := BEFORE.match(rest):
        rest = rest[before.end() :]
    if WHERE.match(rest):
        return any(commands(part.strip()) for part in rest.split(",")[1:])
    first = WORD.match(rest)
    if first is None or OWN_VERB.match(rest) or REMARK.match(rest):
        return False
    word = first[0].lower()
    return is_listed(word) or bears_kan(word) or governs(word, rest[first.end() :])


def without_order(sentence: str) -> str:
    """Without "Then" or "Setelah itu," at its beginning: the order is said by the step's number."""
    order = ORDINAL.match(sentence)
    return sentence[order.end() :] if order else sentence


def is_listed(word: str) -> bool:
    """A listed verb, also as "reopen", "double-click" or "bukalah"."""
    plain = word.rpartition("-")[2].removesuffix("lah")
    return not VERBS.isdisjoint({word, plain, plain.removeprefix("re")})


def bears_kan(word: str) -> bool:
    """An Indonesian verb such as "aktifkan": with that ending, and no prefix by which it would tell, suffer or name."""
    return len(word) > 6 and word.endswith("kan") and not word.startswith(("me", "di", "ke", "pe", "sedang", "asal", "tindak"))


def governs(word: str, rest: str) -> bool:
    """An English verb that is not listed: "defrost the"."""
    inflected = word.endswith(("ing", "ed", "ly")) or (word.endswith("s") and not word.endswith("ss"))
    return not inflected and word not in NO_VERBS and DETERMINER.match(rest) is not None
