"""Lists of names: those of Faker's locales and those that they lack."""

from functools import cache
from importlib import import_module

from stages.common.pii.words import COMMON, FURTHER, NEVER

NEAR = ("en", "en_GB", "en_IE", "en_IN", "en_KE", "en_NG", "en_NZ", "en_PK", "en_US", "id_ID")
FAR = ("cs_CZ", "da_DK", "de_DE", "es_ES", "fi_FI", "fr_FR", "hr_HR", "hu_HU", "it_IT", "nl_NL", "no_NO", "pl_PL", "pt_BR", "ro_RO",
       "sv_SE", "tr_TR")  # fmt: skip
HOME = ("en_GB", "en_US", "id_ID")  # their names are known in lower case too


@cache
def listed(locales: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """First names and all names, in lower case: those of Faker's locales and those that they lack."""
    people = [import_module(f"faker.providers.person.{locale}").Provider for locale in locales]
    keys = ("first_names", "first_names_male", "first_names_female")
    first = FURTHER | {name.lower() for person in people for key in keys for name in getattr(person, key, ())}
    return first, first | {name.lower() for person in people for name in person.last_names}


@cache
def known() -> tuple[frozenset[str], frozenset[str]]:
    return listed((*NEAR, *FAR))


@cache
def telling() -> frozenset[str]:
    """The names that are no common word."""
    return frozenset(name for name in known()[1] - COMMON - NEVER if len(name) > 2)
