"""The ways to reword a question, each nlpaug's, set up for short questions with parts that must not change."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import numpy as np

from stages.augment.nlpaug import KeyboardAug, ReservedAug, contextual_augmenter
from stages.augment.phrases import BOTH_WAYS, SAME, TO_CASUAL, Sets
from stages.augment.spans import hidden, restored
from stages.common.errors import InputError
from stages.common.records import Register
from stages.params.augment import Params

Augment: TypeAlias = Callable[[str], str]
Tools: TypeAlias = Callable[[str], Mapping[str, Augment]]  # by language, then by name
# The two that change the register: from, to.
REGISTERS: Mapping[str, tuple[Register, Register]] = {"casual": ("formal", "informal"), "formal": ("informal", "formal")}
START = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")  # of a sentence
END = re.compile(r"([?!.,;:)]+)(?=\s|$)")  # punctuation at the end of a word


class SetPhrases(ReservedAug):
    """ReservedAug that finds whole words only, keeps the case of what it leaves, and swaps only what it may."""

    CONNECT_TOKEN = "\u2040"  # noqa: S105 - nlpaug's own "nnnnn" cannot be told from the n that a word ends in

    def __init__(self, sets: Sets, replaceable: frozenset[str], most: int | None) -> None:
        super().__init__(sets, case_sensitive=False, aug_p=1.0, aug_max=most, tokenizer=words, reverse_tokenizer=sentence)
        self.replaceable = frozenset(phrase.replace(" ", self.CONNECT_TOKEN) for phrase in replaceable)
        self.known = sorted((phrase for phrase in replaceable if " " in phrase), key=lambda phrase: (-len(phrase), phrase))

    def preprocess(self, data: str) -> str:
        lower = data.lower()  # beyond ASCII other letters than these may match
        known = tuple(phrase for phrase in self.known if phrase in lower) if data.isascii() else tuple(self.known)
        return whole(known).sub(lambda match: match[0].replace(" ", self.CONNECT_TOKEN), data) if known else data

    def pre_skip_aug(self, tokens: Sequence[str], _: int | None = None) -> Sequence[int]:
        return range(len(tokens))  # nlpaug looks for punctuation here, of which nothing is replaceable

    def skip_aug(self, token_idxes: Sequence[int], tokens: Sequence[str]) -> list[int]:
        return [index for index in token_idxes if tokens[index].lower() in self.replaceable]

    def reworded(self, text: str) -> str:
        # nlpaug leaves its glue in phrases that it marked and then did not choose.
        return str(self.substitute(text)).replace(self.CONNECT_TOKEN, " ")


@lru_cache(maxsize=10_000)
def whole(phrases: Sequence[str]) -> re.Pattern[str]:
    """Finds them as whole words, an earlier one first: few at a time, as trying forty at every word takes longest."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)


def words(text: str) -> list[str]:
    return END.sub(r" \1", text).split()


def sentence(tokens: Sequence[str]) -> str:
    return re.sub(r" ([?!.,;:)]+)(?=\s|$)", r"\1", " ".join(tokens))


def phrases(language: str) -> Augment | None:
    """Swap two set phrases for others that fill the same place in the sentence."""
    sets = SAME.get(language)
    return SetPhrases(sets, frozenset(phrase.lower() for same in sets for phrase in same), 2).reworded if sets else None


def casual(language: str) -> Augment | None:
    return one_way([*BOTH_WAYS.get(language, []), *TO_CASUAL.get(language, [])])


def formal(language: str) -> Augment | None:
    return one_way([(informal, formal) for formal, informal in BOTH_WAYS.get(language, [])])


def one_way(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Augment | None:
    """Replace every phrase of a left side by one of its right side."""
    sets = {phrase: [phrase, *right] for left, right in pairs for phrase in left if phrase not in right}
    return SetPhrases(list(sets.values()), frozenset(map(str.lower, sets)), None).reworded if sets else None


def typos(_: str) -> Augment:
    """One slip to a neighbouring key, in a word of some length."""
    augmenter = KeyboardAug(
        aug_char_max=1, aug_word_max=1, aug_word_p=0.1, min_char=5,
        include_special_char=False, include_numeric=False, include_upper_case=False,
        tokenizer=str.split, reverse_tokenizer=" ".join,
    )  # fmt: skip
    return lambda text: str(augmenter.substitute(text))


def contextual(folder: str) -> Augment:
    """Replace a word by one that a masked language model finds likely in its place."""
    wrong = f"params.yaml: augment.contextual_model: '{folder}' is no folder of a BERT-like masked language model"
    if not Path(folder, "config.json").is_file():  # or else it would be looked for on the hub
        raise InputError(f"{wrong}: it has no config.json")
    try:
        # Not nlpaug's own loader of models: it calls a method that tokenizers no longer have.
        augmenter = contextual_augmenter(model_path=folder, model_type="bert", aug_max=1, top_k=20, use_custom_api=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{wrong}: {error}") from None
    return lambda text: str(augmenter.augment(text)[0])


MAKERS: Mapping[str, Callable[[str], Augment | None]] = {
    "phrases": phrases, "casual": casual, "formal": formal, "typos": typos
}  # fmt: skip


def augmenters(params: Params) -> Tools:
    """The augmenters of a language, by name; made when a question in it is met."""
    model = contextual(params.contextual_model) if params.contextual_model else None

    @cache
    def tools(language: str) -> Mapping[str, Augment]:
        made = {name: augment for name in params.augmenters if (augment := MAKERS[name](language))}
        return made | ({"contextual": model} if model else {})

    return tools


def fitting(register: Register, tools: Mapping[str, Augment]) -> dict[str, Augment]:
    """Those for a question of this register."""
    return {name: augment for name, augment in tools.items() if name not in REGISTERS or REGISTERS[name][0] == register}


def draw(seed: str) -> int:
    """A number in 0..2^32 - 1 that depends on `seed` alone."""
    return int.from_bytes(sha256(seed.encode()).digest()[:4])


def reworded(prompt: str, augment: Augment, seed: str) -> str:
    """`augment(prompt)` as a function of its arguments: nlpaug draws from the global generators."""
    number = draw(seed)
    random.seed(number)
    np.random.seed(number)
    text, spans = hidden(prompt)
    text = restored(" ".join(augment(text).split()), spans)
    return START.sub(lambda match: match[0].upper(), text) if prompt[:1].isupper() else text
