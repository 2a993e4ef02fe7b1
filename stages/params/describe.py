"""`describe`: how finely the distributions of the corpus are drawn."""

from pydantic import Field

from stages.params.section import Section


class Params(Section):
    question_bin: int = Field(ge=1, le=100)  # words of a question in one bar of its histogram
    answer_bin: int = Field(ge=1, le=500)  # words of an answer in one bar
    openings: int = Field(ge=1, le=100)  # commonest opening words of steps listed for each language; the rest is one bar
