"""`mask_pii`: which personal data is looked for, where names come from, and how sure a finding must be."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stages.params.section import Section

Entity = Literal[
    "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "BANK_ACCOUNT", "ID_NIK", "ID_NPWP", "PASSPORT",
    "DRIVER_LICENSE", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "CRYPTO", "SECRET", "URL_PERSONAL", "ORDER_ID", "CUSTOMER_ID",
    "ADDRESS", "DATE_OF_BIRTH", "PERSON",
]  # fmt: skip


class Params(Section):
    entities: list[Entity] = Field(min_length=1)
    phone_regions: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]]  # ISO 3166; numbers with +code are found anyway
    names: str = Field(pattern=r"^(rules|small|(spacy|transformers|gliner):.+)$")
    allow: str = Field(min_length=1)
    sure: float = Field(ge=0, le=1)  # confidence, 0..1
    doubtful: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def bands_in_order(self) -> "Params":
        if self.doubtful > self.sure:
            raise ValueError("doubtful: must not be above sure")
        return self
