"""What stands where personal data stood: typed, numbered placeholders, or keyed pseudonyms that hold across the corpus."""

import hmac
import re
from collections import Counter
from hashlib import sha256

from stages.common.placeholders import PLACEHOLDER

SHORT = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP",
    "URL_PERSONAL": "URL", "MAC_ADDRESS": "MAC",
}  # fmt: skip
STANDING = re.compile(PLACEHOLDER)


class Placeholders:
    """The placeholders of texts that belong together: one value has one in all of them.

    Numbers go on after those of placeholders that stand there already. With a key, a value has the same pseudonym in the
    whole corpus (HMAC-SHA256, 24 bits of it), and who lacks the key cannot try values against it.
    """

    def __init__(self, texts: list[str], key: bytes = b"") -> None:
        self.key = key
        ends = (name[:-1].rpartition("_")[2] for text in texts for name in STANDING.findall(text))
        self.first = max((int(end) for end in ends if end.isdecimal()), default=0)
        self.used: Counter[str] = Counter()
        self.names: dict[tuple[str, str], str] = {}

    def of(self, entity: str, value: str) -> str:
        kind = SHORT.get(entity, entity)
        known = (entity, value.casefold())
        if self.key:
            return f"[{kind}_k{hmac.new(self.key, chr(10).join(known).encode(), sha256).hexdigest()[:6]}]"
        if known not in self.names:
            self.used[entity] += 1
            self.names[known] = f"[{kind}_{self.first + self.used[entity]}]"
        return self.names[known]
