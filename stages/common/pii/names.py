"""Names of people: after words that announce one, and where a known name stands by itself."""

import re
from collections.abc import Iterable, Iterator, Sequence

from stages.common.pii.cues import CUES
from stages.common.pii.lists import HOME, NEAR, known, listed, telling
from stages.common.pii.manner import tempered
from stages.common.pii.needs import Index
from stages.common.pii.presidio import RecognizerResult
from stages.common.pii.rules import LANGUAGE, ScanRecognizer
from stages.common.pii.scan import Scan
from stages.common.pii.words import COMMON, NEVER

TOKEN = re.compile(r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*")
JOINED = re.compile(r" |\. | (?:bin|binti|van|de|der|den|von|al|el|la|da|dos|di) |-")
LONGEST = 4  # tokens of one name
SHORTEST = 4  # letters of a first name in lower case that stands alone
NO_PERSON = re.compile(
    r"(?:\b(?:San|Los|Las|Santa|Saint|St\.|Mount|Lake|Port|New|Fort) |[/_+@#=&.])$"
)  # places, parts of links
GREETING = re.compile(r"(?:\b(?:i'm|i’m|i am|im|it's|this is|saya|aku|gue|gw|hi|hello|hey|halo|hai|thanks|thank you|makasih|terima kasih|"
                      r"dengan|sama|with|ask|tell|for|from|to|by|and|dan|dari|untuk|buat|oleh|kepada|ke) |[-–—~] ?)$", re.IGNORECASE)  # fmt: skip

LED = re.compile(r"\b(?:met|meet|tell|told|ask|asked|give|gave|sent|thanks|by|with|to|from|ketemu|bertemu|tanya|bilang|kasih|sama|dengan|ke|"
                 r"dari|oleh|untuk|buat|i'm|hi|hello|halo|hai) $")  # fmt: skip


def tokens_from(text: str, start: int) -> list[re.Match[str]]:
    """The words from `start` that one name can hold: each next to the one before."""
    found: list[re.Match[str]] = []
    while len(found) < LONGEST:
        token = TOKEN.match(text, start)
        if token is None:
            break
        found.append(token)
        joint = JOINED.match(text, token.end())
        if joint is None or (joint[0] == ". " and len(token[0]) > 1):
            break
        start = joint.end()
    return found


def shouted(token: re.Match[str]) -> bool:
    """`PDF`, `NIK`: capitals are an abbreviation unless they are a name that is known."""
    return len(token[0]) > 1 and token[0].isupper()


def announced(tokens: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """The tokens at the front that are a name after a cue: capitalised words, or known names in lower case."""
    everyone = known()[1]
    first, small = listed(HOME)
    name: list[re.Match[str]] = []
    for token in tokens:
        word = token[0].lower()
        capital = token[0][0].isupper()
        if word in NEVER or (not capital and word not in (small if name else first)):
            break
        if (name and capital != name[0][0][0].isupper()) or (shouted(token) and word not in everyone):
            break
        name.append(token)
    return name


def surname(tokens: Sequence[re.Match[str]], name: Sequence[re.Match[str]]) -> Sequence[re.Match[str]]:
    """The strange word after one first name in lower case, where a common one or nothing follows it."""
    if len(name) != 1 or name[0][0][0].isupper() or len(tokens) < 2:
        return []
    words = [token[0] for token in tokens[1:3]]
    ordinary = [word in COMMON or word in NEVER for word in words]
    return tokens[1:2] if words[0].islower() and ordinary in ([False], [False, True]) else []


class NameRecognizer(ScanRecognizer):
    """Cued names of any spelling, and known names without a cue. `allowed`: words of labels, products and brands."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed
        self.small = listed(HOME)[1] - NEVER - allowed  # known in lower case
        self.cues = Index(CUES)
        self.words = self.cues.words | telling()
        super().__init__(["PERSON"], name="names", supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        if "PERSON" not in entities:
            return []
        spans = [*self.cued(scan)]
        if not scan.lacks(telling()):
            everyone = known()[1]
            tokens = [token for token in TOKEN.finditer(scan.text) if token[0].lower() in everyone]
            spans += self.standing(scan.text, tokens)
            spans += self.whispered(scan.text, tokens)
        return [RecognizerResult("PERSON", start, end, score) for start, end, score in spans]

    def cued(self, scan: Scan) -> Iterator[tuple[int, int, float]]:
        """Names after the cues that can stand in the text, each with its score."""
        everyone = known()[1]
        for cue in self.cues.possible(scan):
            for match in cue.matches(cue.pattern, scan):
                tokens = tokens_from(scan.text, match.end())
                name = announced(tokens)
                if cue.strong:
                    name += surname(tokens, name)
                if not name or (len(name) == 1 and len(name[0][0]) == 1):
                    continue
                words = {token[0].lower() for token in name}
                is_known = not words.isdisjoint(everyone)
                whispered = not name[0][0][0].isupper() and name[0][0] in COMMON
                if (whispered and not cue.strong) or (words <= self.allowed and not (is_known and cue.strong)):
                    continue
                start, end = name[0].start(), name[-1].end()
                score, manner = (cue.sure, cue.known) if is_known else (cue.unsure, cue.unknown)
                yield start, end, manner(score, scan.text, start, end)

    def standing(self, text: str, tokens: Iterable[re.Match[str]]) -> Iterator[tuple[int, int, float]]:
        """Scores of `tokens` that lists know: first and last name 0.75, one of them unknown 0.65, a first name alone 0.5, after
        a greeting 0.7. A name of further languages, or a last name alone, is 0.3: `Server` is a first name in Turkey.
        """
        first, everyone = known()
        near = listed(NEAR)[0]
        end = 0
        for token in tokens:
            word = token[0].lower()
            if token.start() < end or not token[0][0].isupper() or word in self.allowed:
                continue
            if shouted(token) or NO_PERSON.search(text, max(0, token.start() - 12), token.start()):
                continue
            name = self.full(tokens_from(text, token.start())) if word in first else [token]
            certain = [part for part in name if part[0].lower() in telling()]
            if not certain or in_label(text, name[0].start(), name[-1].end()):
                continue
            if len(name) == 1:
                greeted = GREETING.search(text, max(0, token.start() - 16), token.start())
                score = 0.3 if word not in near else 0.7 if greeted else 0.5
            elif all(part[0].lower() in everyone for part in name):
                score = 0.75
            else:
                score = 0.65 if word in near else 0.3
            end = name[-1].end()
            yield name[0].start(), end, tempered(score, text, name[0].start(), end)

    def whispered(self, text: str, tokens: Iterable[re.Match[str]]) -> Iterator[tuple[int, int, float]]:
        """Names in lower case: two known ones side by side 0.65, a first name alone 0.5 where words lead to a person."""
        first = listed(HOME)[0]
        end = 0
        for token in tokens:
            word = token[0]
            if token.start() < end or word not in first or word in self.allowed:
                continue
            name = [part for part in tokens_from(text, token.start())[:2] if part[0] in self.small]
            if all(part[0] not in telling() for part in name) or name[0].start() != token.start():
                continue
            if len(name) == 1 and (len(word) < SHORTEST or not LED.search(text, max(0, token.start() - 16), token.start())):
                continue
            end = name[-1].end()
            yield token.start(), end, tempered(0.65 if len(name) > 1 else 0.5, text, token.start(), end)

    def full(self, tokens: Sequence[re.Match[str]]) -> list[re.Match[str]]:
        """A known first name and the capitalised words after it that can be its last name."""
        name = [tokens[0]]
        for token in tokens[1:]:
            word = token[0].lower()
            stranger = word not in known()[1]
            if not token[0][0].isupper() or word in self.allowed or word in NEVER or (shouted(token) and len(token[0]) > 1):
                break
            if stranger and (len(name) > 1 or word in COMMON):
                break
            name.append(token)
        return name


def in_label(text: str, start: int, end: int) -> bool:
    """Whether the span stands in quotes or in a path of menus (`Settings > Rina`)."""
    before, after = text[:start].rstrip(), text[end : end + 3].lstrip()
    return (
        before.endswith(">")
        or after.startswith(">")
        or (before[-1:] in "\"“'‘«" and before != "" and after[:1] in "\"”'’»" and after != "")
    )
