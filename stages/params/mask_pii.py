"""`mask_pii`: which personal data is looked for, and how sure the recogniser must be."""

from typing import Annotated, Literal

from pydantic import Field

from stages.params.section import Section

Entity = Literal[
    "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "CRYPTO", "ID_NIK", "ID_NPWP", "PERSON"
]


class Params(Section):
    entities: list[Entity] = Field(min_length=1)
    phone_regions: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]]  # ISO 3166; numbers with +code are found anyway
    min_score: float = Field(ge=0, le=1)  # Presidio's confidence, 0..1
