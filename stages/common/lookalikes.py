"""Letters of other scripts that look Latin: the usual way to slip a copy past an exact comparison."""

from string import ascii_letters

from confusable_homoglyphs.confusables import confusables_data

LATIN = frozenset(ascii_letters)


def latin_lookalikes() -> dict[int, str]:
    """Case-folded letter to the ASCII letter that it, or else its capital, looks like (Unicode's confusables.txt)."""
    looks = {
        char: letters[0]
        for char, others in confusables_data.items()
        if len(char) == 1 and not char.isascii() and (letters := [o["c"] for o in others if o["c"] in LATIN])
    }
    folded = {char.casefold(): letter for char, letter in looks.items() if len(char.casefold()) == 1}
    return {ord(char): looks.get(char, letter).casefold() for char, letter in folded.items() if not char.isascii()}


LOOKALIKES = latin_lookalikes()
