"""Optional repair of English grammar by Harper, which runs offline and needs no model.

Only what it is sure of: one suggestion, of a kind that is no matter of taste or spelling (its dictionary would "correct"
the names of products and buttons, and British English).
"""

from functools import cache

from harper import Lint, Linter

KINDS = {"Agreement", "Grammar", "Miscellaneous", "Repetition", "Usage"}
ROUNDS = 10  # repairs of one text at most: one may uncover another


@cache
def linter() -> Linter:
    return Linter()


def sure(lint: Lint, text: str) -> bool:
    """Whether there is one way to repair it, and no name or part of a compound is touched."""
    whole = text[: lint.span.start].endswith((" ", '"')) or lint.span.start == 0
    return whole and str(lint.lint_kind) in KINDS and lint.suggestion_count == 1 and lint.problem_text.islower()


def grammar_repaired(text: str) -> str:
    for _ in range(ROUNDS):
        found = next((lint for lint in linter().lint(text) if sure(lint, text)), None)
        if found is None:
            break
        text = linter().apply_suggestion(text, found, found.suggestions[0])
    return text
