import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.augment.__main__ import main as augment_stage
from stages.augment.augmenters import augmenters
from stages.augment.checks import characters, damage, embeddings, in_band
from stages.augment.oversample import Rare, oversampled
from stages.augment.phrases import BOTH_WAYS, SAME, TO_CASUAL
from stages.augment.rewordings import Question, candidates_of, rewordings
from stages.augment.spans import hidden, protected, restored
from stages.augment.summary import Tally, Tried, sample, shown
from stages.common.errors import InputError
from stages.common.parallel import spread
from stages.common.records import Dropped, Record, json_lines, read_records, write_jsonl
from stages.common.text import match_key, similarity
from stages.params.augment import Params
from tests.examples import SHARED, needs_shared, row

PARAMS = Params(
    seed=1,
    augmenters=["phrases", "casual", "formal", "typos"],
    contextual_model="",
    per_row=4,
    similarity="characters",
    min_embedding={"en": 0.75, "id": 0.84},
    min_characters=0.2,
    max_similarity=0.9995,
    oversample_to=5,
    oversample_factor=3,
    sample_rows=20,
)
SPANS = ('"Dark Mode"', "https://a.example/x?y=1", "[EMAIL_1]", "24", "Settings > Privacy > Location")
QUESTIONS = {
    "en": 'I would like to turn off "Dark Mode" at https://a.example/x?y=1 for [EMAIL_1] within 24 hours. How do I do it in '
    "Settings > Privacy > Location, please?",
    "id": "Bagaimana cara menghapus akun saya kalau ponsel sudah hilang dan saya tidak dapat masuk?",
}


def tried(record: Record, params: Params = PARAMS) -> list[Tried]:
    return list(rewordings([record], augmenters(params), characters, params))


def children(record: Record, params: Params = PARAMS) -> list[Record]:
    return [item.result for item in tried(record, params) if isinstance(item.result, Record)]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_rewording_changes_the_question_alone_and_keeps_what_is_protected(language: str) -> None:
    record = row("a", QUESTIONS[language], language=language)
    made = children(record)
    assert len(made) >= 2
    assert len({match_key(child.prompt) for child in made} - {match_key(record.prompt)}) == len(made)
    for child in made:
        assert replace(child, id="", prompt="", register="formal", origin="faq", parent_id="") == replace(
            record, id="", prompt=""
        )
        assert (child.parent_id, child.origin) == ("a", "paraphrase")
        assert all(span in child.prompt for span in (SPANS if language == "en" else ()))


def test_answers_come_out_byte_for_byte() -> None:
    for number, response in enumerate(("1. Tap  How do I.\r\n2. Pls wait\u200b", "How do I?", " x\n")):
        record = replace(row(f"r{number}", QUESTIONS["en"]), response=response)
        made = [*children(record), *oversampled([record], PARAMS)]
        assert made
        assert {child.response.encode() for child in made} == {response.encode()}


def test_placeholders_with_a_number_and_with_a_key_are_protected() -> None:
    assert protected("Mail [EMAIL_1] or [PERSON_kabcdef]") == ["[EMAIL_1]", "[PERSON_kabcdef]"]


def test_a_number_is_protected_with_its_unit() -> None:
    assert protected("Why is my 5g plan slow at 6pm on day 14?") == ["5g", "6pm", "14"]


def test_addresses_and_code_are_protected_without_a_scheme_or_a_quote() -> None:
    spans = ["a.example/how-do-i?x=what-is", "info@a.example", "`npm install`"]
    assert protected(f"How do I open {spans[0]} and mail {spans[1]} from {spans[2]} and/or home? Hi.There") == spans


@pytest.mark.parametrize("text", [QUESTIONS["en"], "{0} of 3", "no span", '"a {1}" 2 {', "{7} 5"])
def test_spans_come_back_where_they_were(text: str) -> None:
    assert restored(*hidden(text)) == text
    assert not re.search(r"\d", re.sub(r"\{\d+\}", "", hidden(text)[0]))


@pytest.mark.parametrize(
    ("register", "language", "prompt", "expected"),
    [
        ("formal", "en", "I would like to send information.", r"I wanna send info\."),
        ("formal", "id", "Bagaimana agar ponsel saya tidak mati?", r"Gimana biar hp aku (nggak|gak|ga) mati\?"),
        (
            "informal",
            "en",
            "pls tell me, where's the info for kids?",
            r"please tell me, where is the information for children\?",
        ),
        (
            "informal",
            "id",
            "gimana biar hp gue nggak mati?",
            r"bagaimana (agar|supaya) (ponsel|telepon genggam) saya tidak mati\?",
        ),
    ],
)
def test_a_change_of_register_goes_the_right_way_and_is_written_down(
    register: str, language: str, prompt: str, expected: str
) -> None:
    made = children(row("a", prompt, register=register, language=language), PARAMS.model_copy(update={"min_characters": 0.0}))
    other = {"formal": "informal", "informal": "formal"}[register]
    changed = [child for child in made if "-casual" in child.id or "-formal" in child.id]
    assert changed
    assert {child.register for child in changed} == {other}
    assert all(re.fullmatch(expected, child.prompt) for child in changed)
    assert {child.register for child in made if child not in changed} <= {register}


def test_there_are_thirty_sets_of_phrases_a_language_and_none_says_a_thing_twice() -> None:
    for language in ("en", "id"):
        assert len(SAME[language]) >= 30
        assert len(BOTH_WAYS[language]) >= 30
        for phrases in [*SAME[language], *([*a, *b] for a, b in [*BOTH_WAYS[language], *TO_CASUAL[language]])]:
            assert len({match_key(phrase) for phrase in phrases}) == len(phrases) > 1


def test_a_rewording_depends_on_its_row_and_the_seed_alone() -> None:
    one, other = row("a", QUESTIONS["en"]), row("b", "How do I set up my phone at the moment, please?")
    assert children(one) == children(one)
    first, second = children(one), children(other)
    assert (children(other), children(one)) == (second, first)
    assert children(one, PARAMS.model_copy(update={"seed": 2})) != first


def test_processes_reword_like_one_process_and_in_order() -> None:
    asked = [Question(f"r{n}", f"How do I turn off alarm {n} at the moment, please?", "en", "formal") for n in range(600)]
    work = partial(candidates_of, tools=augmenters(PARAMS), params=PARAMS, similarity=characters)
    assert list(spread(work, asked, few=0)) == work(asked)


@given(st.tuples(*[st.text("ab ,B", max_size=12)] * 4))
def test_the_similarity_of_texts_that_begin_and_end_alike_is_the_usual_one(parts: tuple[str, str, str, str]) -> None:
    begin, mine, theirs, end = parts
    one, other = begin + mine + end, begin + theirs + end
    assert characters([(one, other)]) == [similarity(one, other)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how do i freeze 2 cards", "unchanged_rewording"),
        ("How do I freeze 3 cards?", "damaged_rewording"),
        ("How do I freeze cards?", "damaged_rewording"),
        ("How can I freeze 2 cards?", None),
    ],
)
def test_copies_and_damage_are_refused(text: str, expected: str | None) -> None:
    assert damage("How do I freeze 2 cards?", text) == expected


def test_drift_is_refused_and_kept_with_its_reason() -> None:
    def nothing_alike(pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [0.1 for _ in pairs]

    results = list(rewordings([row("a", QUESTIONS["en"])], augmenters(PARAMS), nothing_alike, PARAMS))
    assert results
    assert {item.result.reason for item in results if isinstance(item.result, Dropped)} >= {"drifted_rewording"}
    assert not [item for item in results if isinstance(item.result, Record)]


def test_the_band_is_that_of_the_language_and_the_strictest_for_an_unknown_one() -> None:
    params = PARAMS.model_copy(update={"similarity": "embedding"})
    assert [in_band(0.8, language, params) for language in ("en", "id", "fr")] == [True, False, False]
    assert [in_band(1.0, language, params) for language in ("en", "id", "fr")] == [False] * 3


def test_embeddings_tell_a_rewording_from_another_question() -> None:
    question = "How do I freeze my card?"
    near, copy, far = embeddings()(
        [(question, "How can I freeze my card?"), (question,) * 2, (question, "Where is my parcel?")]
    )
    params = PARAMS.model_copy(update={"similarity": "embedding"})
    assert [in_band(value, "en", params) for value in (near, copy, far)] == [True, False, False]


def test_a_local_masked_language_model_can_replace_words(tmp_path: Path) -> None:
    model = tiny_bert(tmp_path / "bert")
    params = PARAMS.model_copy(update={"augmenters": [], "contextual_model": str(model), "per_row": 3, "min_characters": 0.0})
    record = row("a", "how do i freeze my card for [EMAIL_1] in 24 hours?")
    made = children(record, params)
    assert made
    assert made == children(record, params)
    assert all(protected(child.prompt) == ["[EMAIL_1]", "24"] for child in made)


@pytest.mark.parametrize("config", [None, "{}", '{"model_type": "bert"}'])
def test_a_folder_without_such_a_model_is_an_error_that_names_it(config: str | None, tmp_path: Path) -> None:
    if config:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(InputError, match=rf"augment\.contextual_model: '{tmp_path}' is no folder of a BERT-like"):
        augmenters(PARAMS.model_copy(update={"contextual_model": str(tmp_path)}))


@pytest.mark.parametrize("change", [{"similarity": "embedding", "max_similarity": 0.8}, {"max_similarity": 0.1}])
def test_a_band_that_nothing_can_be_in_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="max_similarity must not be below"):
        Params.model_validate({**PARAMS.model_dump(), **change})


def tiny_bert(folder: Path) -> Path:
    """A BERT with random weights that knows the words of one question."""
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast  # noqa: PLC0415

    torch.manual_seed(7)  # with other weights it may have nothing to say
    folder.mkdir()
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "how",
        "do",
        "i",
        "freeze",
        "my",
        "card",
        "for",
        "in",
        "hours",
        "block",
        "open",
        "pay",
        "{",
        "}",
        "0",
        "1",
        "2",
        "3",
        "?",
        ".",
        ",",
    ]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForMaskedLM(BertConfig(vocab_size=len(words), max_position_embeddings=64, **size)).save_pretrained(folder)
    return folder


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


def test_the_report_counts_every_try_and_shows_accepted_rewordings_only() -> None:
    record = row("a", QUESTIONS["en"])
    results = tried(record)
    made = [item.result for item in results if isinstance(item.result, Record)]
    tally = Tally()
    tally.met(record)
    for item in results:
        tally.tried(item)
    figures = tally.summary(copies=[])
    assert sum(figures["attempts"].values()) == 4
    assert sum(rate * figures["attempts"][name] for name, rate in figures["acceptance"].items()) == pytest.approx(len(made))
    assert (figures["domain_before"], figures["task_type"]) == ({"banking": 1}, {"freeze_card": 1 + len(made)})
    assert (figures["rows_in"], figures["rows_added"], figures["rows_out"]) == (1, 4, 1 + len(made))
    lines = [shown(item, item.result) for item in results if isinstance(item.result, Record)]
    assert len(sample(lines, len(lines), PARAMS).splitlines()) == 6 + len(made)
    json.dumps(figures, allow_nan=False)


def test_the_stage_writes_what_it_read_then_rewordings_then_copies_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the paraphrases that a teacher wrote none is reworded, and a rare task is lifted whatever its rows descend from."""
    rows = [row(f"r{n}", f"How do I turn off alarm {n} at the moment?", task_type="common") for n in range(60)]
    rows[30:30] = [row(f"t{n}", f"What ends alarm {n}?", parent_id=f"r{n}", task_type=f"rare{n % 3}") for n in range(9)]
    monkeypatch.setattr("stages.augment.__main__.load_params", lambda *_: PARAMS.model_copy(update={"per_row": 1}))
    names = ("in.jsonl", "out.jsonl", "refused.jsonl", "report.json", "examples.md")
    source, target, refused, report, examples = files = [tmp_path / name for name in names]
    write_jsonl(source, rows)
    augment_stage(*files)
    written = read_records(target)
    made = [item for item in written[len(rows) :] if item.origin == "paraphrase"]
    copies = written[len(rows) + len(made) :]
    assert written[: len(rows)] == rows
    assert {item.parent_id for item in made} <= {item.id for item in rows if not item.derived}
    assert Counter(item.task_type for item in copies) == {"rare0": 2, "rare1": 2, "rare2": 2}
    assert len(made) + sum(1 for _ in json_lines(refused)) == 60
    assert json.loads(report.read_text())["rows_out"] == len(written)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert sum(item.prompt in examples.read_text() for item in made) >= 1


def test_only_the_rows_of_rare_tasks_are_given_back_in_the_order_of_writing() -> None:
    rare = Rare(4)
    rows = [row(f"{task}{n}", task_type=task) for n in range(5) for task in ("mid", "common", "rare")[: 3 if n < 3 else 2]]
    for item in rows:
        rare.add(item, rare.made if item.id.endswith("0") else rare.read)
    assert [item.id for item in rare.rows()] == ["rare1", "rare2", "rare0"]


@needs_shared
@pytest.mark.shared
def test_register_phrases_bring_real_informal_indonesian_nearer_to_its_formal_version() -> None:
    folder = SHARED / "stif_informal_id"
    informal, formal = ((folder / f"train.{end}").read_text(encoding="utf-8").splitlines() for end in ("inf", "for"))
    params = PARAMS.model_copy(update={"augmenters": ["formal"], "per_row": 1, "min_characters": 0.0})
    rows = [row(f"r{n}", text or ".", language="id", register="informal") for n, text in enumerate(informal)]
    made = {child.parent_id: child.prompt for child in (kid for item in rows for kid in children(item, params))}
    changed = [(text, made[f"r{n}"], formal[n]) for n, text in enumerate(informal) if f"r{n}" in made]
    before, after = (characters([(item[place], item[2]) for item in changed]) for place in (0, 1))
    assert len(changed) > 900
    assert sum(after) / len(after) > sum(before) / len(before) + 0.03
