"""Sentences for the recogniser of names: our own templates, Faker's names, and made-up words in both roles.

Half of the people and all of the products are made of the same random syllables, so that only the sentence around a word
can tell which it is: a name that no list holds must be found, and a product of that look must be left alone.
"""

import re
from random import Random

from stages.common.pii.lists import HOME, listed
from stages.pii_model.templates import OTHER, PERSON

SLOT = re.compile(r"\{(\w)\}")
TOWNS = "Bandung Surabaya Medan Semarang Makassar Denpasar Leeds Bristol Denver Boston Cardiff Perth Malang Solo Bogor".split()
LABELS = (
    "Account Wallet Privacy Drive Calendar Payments Profile Orders Notifications Akun Dompet Privasi Pesanan Pembayaran"
).split()
STARTS = "b br c d dr f g gr h j k l m n p pr r s st t th v w y z".split()
MIDDLES = "a e i o u ai ea ou ia".split()
ENDS = ["", "", "n", "r", "s", "l", "m", "nd", "rt", "ck", "na", "ra", "to", "man", "son", "wati", "ly", "x"]

Annotation = tuple[str, list[tuple[int, int]]]


def word(random: Random) -> str:
    """A word of two or three syllables with a capital letter, in no list."""
    count = random.choice((1, 1, 2))
    body = "".join(random.choice(STARTS) + random.choice(MIDDLES) for _ in range(count))
    return (body + random.choice(STARTS) + random.choice(MIDDLES) + random.choice(ENDS)).title()


def person(random: Random, known: list[str]) -> str:
    count = random.choice((1, 2, 2, 3))
    return " ".join(random.choice(known).title() if random.random() < 0.5 else word(random) for _ in range(count))


def thing(random: Random, _: list[str]) -> str:
    label = random.choice(LABELS)
    return random.choice((word(random), f"{word(random)} {label}", label, f"{word(random)} {word(random)}"))


def filled(template: str, random: Random, known: list[str]) -> Annotation:
    """The template with its slots filled, and where its people stand."""
    text, people, end = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[end : slot.start()]
        value = random.choice(TOWNS) if slot[1] == "C" else (person if slot[1] == "P" else thing)(random, known)
        if slot[1] == "P":
            people.append((len(text), len(text) + len(value)))
        text, end = text + value, slot.end()
    return text + template[end:], people


def sentences(count: int, random: Random) -> list[Annotation]:
    known = sorted(name for name in listed(HOME)[1] if len(name) > 2)
    kinds = (PERSON, OTHER)
    return [filled(random.choice(kinds[number % 2]), random, known) for number in range(count)]
