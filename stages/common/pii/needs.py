"""What a pattern needs of a text, so that of a hundred rules few are tried, and those only where they can match.

tests/test_pii_scan.py holds every need against its pattern.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from stages.common.pii.scan import Scan


def near(text: str, words: Iterable[str], reach: int) -> list[int]:
    """Every place in the text up to `reach` characters before one of the words."""
    found: set[int] = set()
    for word in words:
        place = text.find(word)
        while place >= 0:
            found.update(range(max(0, place - reach), place + 1))
            place = text.find(word, place + 1)
    return sorted(found)


def tried(pattern: re.Pattern[str], text: str, starts: Iterable[int]) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins at one of the places."""
    end = 0
    for start in starts:
        if start >= end and (match := pattern.match(text, start)):
            yield match
            end = match.end()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Needs:
    """What a text must hold for a pattern to match it at all: one of `words`, a number of `digits` digits, `run` characters
    without a space, one of `shapes`. What is empty or 0 is not needed.
    """

    words: frozenset[str] = field(default_factory=frozenset)
    digits: int = 0
    run: int = 0
    shapes: tuple[str, ...] = ()
    reach: int | None = None  # a match begins at most so many characters before one of the words; None: anywhere

    def matches(self, pattern: re.Pattern[str], scan: Scan) -> Iterator[re.Match[str]]:
        if (
            self.reach is None or not scan.read or not scan.text.isascii()
        ):  # beyond ASCII small letters can be more than capitals
            return pattern.finditer(scan.text)
        return tried(pattern, scan.text, near(scan.text.lower(), self.words & scan.words, self.reach))

    def met(self, scan: Scan) -> bool:
        """Whether the text holds all of it but for the words."""
        if scan.run < self.run or scan.digits < self.digits:
            return False
        return not self.shapes or any(map(scan.shape.__contains__, self.shapes))


Rule = TypeVar("Rule", bound=Needs)


class Index(Generic[Rule]):
    """Rules by what they need, so that a text asks for few of them; those that need fewer digits first."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.digits)
        self.words = frozenset[str]().union(*(rule.words for rule in rules))
        self.by_word = {word: [rule for rule in self.rules if word in rule.words] for word in self.words}
        alike: dict[tuple[object, ...], list[Rule]] = {}
        for rule in self.rules:
            if not rule.words:
                alike.setdefault((rule.digits, rule.run, rule.shapes), []).append(rule)
        self.wordless = list(alike.values())

    def possible(self, scan: Scan) -> Iterable[Rule]:
        """The rules that can match the text."""
        if not scan.read:
            return self.rules
        found: dict[Rule, None] = {}
        for rules in self.wordless:
            if rules[0].digits > scan.digits:
                break
            if rules[0].met(scan):
                found.update(dict.fromkeys(rules))
        for word in scan.words:
            for rule in self.by_word.get(word, ()):
                if rule.digits > scan.digits:
                    break
                if rule.met(scan):
                    found[rule] = None
        return found
