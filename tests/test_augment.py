from collections import Counter

import pytest

from stages.augment import augmenters, oversampled, refusal, rewordings
from stages.common.records import Record
from stages.common.text import similarity
from stages.params.augment import Params
from tests.examples import row

PARAMS = Params(
    seed=1,
    augmenters=["phrases", "typos"],
    per_row=4,
    min_similarity=0.3,
    max_similarity=0.97,
    oversample_to=5,
    oversample_factor=3,
)
QUESTIONS = {
    "en": 'How do I turn off "Dark Mode" at https://a.example/x?y=1 for [EMAIL_1] within 24 hours on my cell phone?',
    "id": "Bagaimana cara menghapus akun saya kalau hp sudah hilang dan saya tidak bisa masuk?",
}


def children(record: Record, params: Params = PARAMS) -> list[Record]:
    tools = augmenters(params, {record.language})
    return [item for _, item in rewordings(record, tools, params) if isinstance(item, Record)]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_rewording_changes_the_question_alone_and_keeps_what_is_protected(language: str) -> None:
    record = row("a", QUESTIONS[language], language=language)
    made = children(record)
    assert made
    assert len({child.prompt for child in made}) == len(made)
    for child in made:
        assert child.response == record.response
        assert (child.parent_id, child.group_id, child.origin) == ("a", "a", "paraphrase")
        assert PARAMS.min_similarity <= similarity(child.prompt, record.prompt) <= PARAMS.max_similarity
        for span in ('"Dark Mode"', "https://a.example/x?y=1", "[EMAIL_1]", "24 hours") if language == "en" else ():
            assert span in child.prompt


def test_a_rewording_depends_on_its_row_and_the_seed_alone() -> None:
    one, other = row("a", QUESTIONS["en"]), row("b", "How do I set up my phone at the moment, please?")
    assert children(one) == children(one)
    first, second = children(one), children(other)
    assert (children(other), children(one)) == (second, first)
    assert children(one, PARAMS.model_copy(update={"seed": 2})) != first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how do i freeze 2 cards", "unchanged_rewording"),
        ("How do I freeze 3 cards?", "damaged_rewording"),
        ("Where is the weather for 2 of us tomorrow?", "drifted_rewording"),
        ("How can I freeze 2 cards?", None),
    ],
)
def test_copies_damage_and_drift_are_refused(text: str, expected: str | None) -> None:
    assert refusal("How do I freeze 2 cards?", text, PARAMS) == expected


def test_rare_tasks_are_lifted_to_the_target_and_no_row_is_repeated_more_often_than_allowed() -> None:
    rows = [
        row("rare", task_type="rare"),
        *(row(f"c{n}", task_type="common") for n in range(9)),
        *(row(f"m{n}", task_type="mid") for n in range(4)),
    ]
    copies = list(oversampled(rows, PARAMS))
    assert Counter(copy.task_type for copy in copies) == {"rare": 2, "mid": 1}
    prompts = {item.id: item.prompt for item in rows}
    assert all((copy.origin, copy.prompt) == ("oversample", prompts[copy.parent_id]) for copy in copies)
    assert len({copy.id for copy in copies}) == len(copies)
