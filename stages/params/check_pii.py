"""`check_pii`: how much of what got past the masking is named in the error."""

from pydantic import Field

from stages.params.section import Section


class Params(Section):
    named: int = Field(ge=1, le=1000)
