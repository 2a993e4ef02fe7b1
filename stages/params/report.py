"""`report`: how much of the answers is shown."""

from pydantic import Field

from stages.params.section import Section


class Params(Section):
    examples: int = Field(ge=0, le=100)
