"""Letters of other scripts that look Latin: the usual way to slip a copy past an exact comparison."""

from confusable_homoglyphs.confusables import confusables_data


def latin_lookalikes() -> dict[int, str]:
    """Case-folded letter to the ASCII letter that it, or else its capital, looks like (Unicode's confusables.txt)."""
    looks = {
        char: next(other["c"] for other in others if other["c"].isascii() and other["c"].isalpha())
        for char, others in confusables_data.items()
        if len(char) == 1
        and not char.isascii()
        and any(len(o["c"]) == 1 and o["c"].isascii() and o["c"].isalpha() for o in others)
    }
    folded = {char.casefold(): letter for char, letter in looks.items() if len(char.casefold()) == 1}
    return {ord(char): looks.get(char, letter).casefold() for char, letter in folded.items() if not char.isascii()}


LOOKALIKES = latin_lookalikes()
