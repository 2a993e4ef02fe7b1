import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.common.errors import InputError
from stages.common.records import Dropped, Record, Source, parse_json, read_records, write_jsonl
from stages.ingest.__main__ import Met, ingest
from stages.ingest.formats import READERS
from stages.ingest.readers import Unreadable
from stages.ingest.sources import Row, answer_text, named, naming, read
from stages.params.ingest import SourceParams
from tests.examples import SHARED, needs_shared

LABELS = {"domain": "banking", "task_type": "freeze_card", "language": "en", "register": "formal"}
STEPS = "1. Open Cards.\n2. Tap Freeze."


def source(kind: str = "faq", **more: Any) -> SourceParams:
    return SourceParams(
        path="data/raw/faqs/a.csv", kind=kind, format="csv", licence="Apache-2.0", **{"rename": {}, "fill": {}, **more}
    )  # type: ignore[arg-type]


def at(line: int, kind: str = "faq", **fields: Any) -> Row:
    return Source(file=f"data/raw/{kind}.x", line=line, kind=kind, licence="Apache-2.0"), fields


def faq(line: int = 1, **fields: Any) -> Row:
    return at(line, **{"prompt": "How do I freeze my card?", "response": STEPS, **LABELS, **fields})


def draft(line: int = 1, **fields: Any) -> Row:
    return at(line, "draft", **{"prompt": "Block a card, how?", "response": STEPS, "draft_id": "d1", **LABELS, **fields})


def ingested(rows: list[Row]) -> tuple[list[Record], list[Dropped]]:
    met = Met()
    return list(ingest(lambda kind: [(at, fields) for at, fields in rows if at.kind == kind], met)), met.refused


def only(path: Path, form: str) -> Any:
    return [fields for _, fields in READERS[form](path)]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


ASKED = {"question": "How do I freeze my card?", "answer": "1. Open Cards.\n2. Tap Freeze."}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", 'question,answer\nHow do I freeze my card?,"1. Open Cards.\n2. Tap Freeze."\n'),
        ("csv", '\n,\nquestion,answer,,\nHow do I freeze my card?,"1. Open Cards.\n2. Tap Freeze.",,\n'),
        ("csv", '\ufeffquestion,answer\r\nHow do I freeze my card?,"1. Open Cards.\n2. Tap Freeze."\r\n'),
        ("tsv", 'question\tanswer\nHow do I freeze my card?\t"1. Open Cards.\n2. Tap Freeze."\n'),
        ("jsonl", json.dumps(ASKED) + "\n\n"),
        ("json", json.dumps([ASKED])),
        ("markdown", "# Help\n\n## How do I freeze my card?\n\n1. Open Cards.\n2. Tap Freeze.\n"),
        ("html", "<h2>How do I freeze my card?</h2><ol><li>Open Cards.</li><li>Tap Freeze.</li></ol>"),
        ("html", "<details><summary>How do I freeze my card?</summary><ol><li>Open Cards.</li><li>Tap Freeze.</li></ol></details>"),
        ("forum", json.dumps([{**ASKED, "answers": [{"text": "No idea.", "votes": 9}, {"text": ASKED["answer"], "accepted": True}]}])),
    ],
)  # fmt: skip
def test_every_format_gives_the_same_question_and_answer(form: str, text: str, tmp_path: Path) -> None:
    rows = only(write(tmp_path, "file", text), form)
    assert [{key: row[key] for key in ASKED} for row in rows] == [ASKED]


def test_json_ld_answers_are_read_as_text_with_numbers_and_the_page_once(tmp_path: Path) -> None:
    data = {"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": ASKED["question"],
            "acceptedAnswer": {"text": "<ol><li>Open <b>Cards</b>.</li><li>Tap Freeze.</li></ol>"}}]}  # fmt: skip
    page = f'<meta name="domain" content="banking"><script type="application/ld+json">{json.dumps(data)}</script><h2>Menu</h2><p>x</p>'
    assert only(write(tmp_path, "a.html", page), "html") == [{**ASKED, "domain": "banking"}]


def test_the_footer_of_a_page_is_no_part_of_its_last_answer(tmp_path: Path) -> None:
    page = "<h2>Freeze?</h2><ol><li>Tap Freeze.</li></ol><footer><p>Checked in May.</p></footer><nav>Home</nav>"
    assert [row["answer"] for row in only(write(tmp_path, "a.html", page), "html")] == ["1. Tap Freeze."]


def test_front_matter_fills_every_question_of_a_page_and_never_reaches_the_text(tmp_path: Path) -> None:
    page = "---\ndomain: banking\nlanguage: en\n---\n# Cards\n## Freeze?\n1. Tap.\n```\n# no heading\n```\n## Thaw?\n1. Tap again.\n"
    rows = only(write(tmp_path, "a.md", page), "markdown")
    assert [(row["question"], row["domain"], row["language"]) for row in rows] == [
        ("Freeze?", "banking", "en"),
        ("Thaw?", "banking", "en"),
    ]
    assert "domain" not in rows[0]["answer"]


def test_columns_of_any_name_are_renamed_and_missing_ones_filled() -> None:
    params = source(rename={"prompt": "Kundenfrage", "response": "Antwort"}, fill={"language": "de"})
    row = named(naming(params), {"Kundenfrage": "Wie?", "Antwort": ["Open.", "Tap."], "domain": "x"})
    assert row == {"prompt": "Wie?", "response": "1. Open.\n2. Tap.", "domain": "x", "language": "de"}


@pytest.mark.parametrize(
    "markup",
    [
        "<p>To do so:</p><ol><li>Open <b>Cards</b>.</li>\n<li>Tap Freeze if x &lt; 5.</li></ol>",
        "To do so:<br>1. Open <strong>Cards</strong>.<br />2. Tap Freeze if x &lt; 5.",
    ],
)
def test_an_answer_in_a_help_desks_html_is_read_as_shown_and_one_with_angles_as_written(markup: str) -> None:
    assert answer_text(markup) == "To do so:\n1. Open Cards.\n2. Tap Freeze if x < 5."
    assert answer_text("<div>" * 10_000 + "1. Tap.") == "1. Tap."  # too deep for a parser
    for text in ("1. Type <name>.", "1. Press < or >, then <Enter>.", "1. Open [b].\n\n2. Tap."):
        assert answer_text(text) == text


def test_refused_rows_are_kept_with_the_field_that_is_wrong() -> None:
    rows = [faq(1, response=" "), faq(2, language="English"), faq(3, register=None), faq(4), at(5, prompt="Only a question?")]
    unreadable = (Source(file="f", line=6, kind="faq", licence="x"), Unreadable("3 columns where the header has 2", "a,b,c"))
    records, dropped = ingested([*rows, unreadable])
    assert len(records) == 1
    assert {(item.source.line, item.reason) for item in dropped} == {
        (1, "no_answer"), (2, "invalid_row"), (3, "invalid_row"), (5, "no_answer"), (6, "unreadable"),
    }  # fmt: skip
    assert "field 'language'" in next(item.detail for item in dropped if item.source.line == 2)


def test_ids_survive_rows_added_and_answers_edited_and_are_unique() -> None:
    one = ingested([faq(1), faq(2, prompt="Other?")])[0]
    two = ingested([faq(9, prompt="New?"), faq(3, response="1. Edited.\n2. Tap."), faq(5, prompt="Other?"), faq(6)])[0]
    assert {row.id for row in one} < {row.id for row in two}
    assert len({row.id for row in two}) == 4


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        ({"verdict": "accepted"}, ("verified", STEPS)),
        ({"verdict": "edited", "edited": "1. Better.\n2. Tap."}, ("edited", "1. Better.\n2. Tap.")),
    ],
)
def test_a_review_decides_over_a_draft(review: dict[str, str], expected: tuple[str, str]) -> None:
    records, _ = ingested([draft(), at(1, "review", draft_id="d1", **review)])
    assert [(row.review, row.response) for row in records] == [expected]


def test_a_rejected_draft_is_refused_with_the_reviewers_reason() -> None:
    records, dropped = ingested([faq(), draft(), at(1, "review", draft_id="d1", verdict="rejected", reason="wrong order")])
    assert [row.origin for row in records] == ["faq"]
    assert [(item.reason, item.detail) for item in dropped] == [("rejected_in_review", "wrong order")]


def test_a_record_is_handed_on_before_the_next_row_is_read() -> None:
    read: list[int] = []

    def rows(kind: str) -> Iterator[Row]:
        for line in range(3) if kind == "faq" else ():
            read.append(line)
            yield faq(line, prompt=f"Question {line}?")

    assert next(ingest(rows, Met())).source.line == 0
    assert read == [0]


def test_where_every_row_is_refused_the_first_is_named() -> None:
    with pytest.raises(InputError, match=r"every row was refused; see the first: data/raw/faq\.x:3: field 'response'"):
        ingested([faq(3, response=" ")])


def test_a_review_of_an_unknown_draft_is_an_error() -> None:
    with pytest.raises(InputError, match=r"review\.x:7: field 'draft_id': no draft is called 'd9'"):
        ingested([draft(), at(7, "review", draft_id="d9", verdict="accepted")])


def test_a_paraphrase_takes_answer_and_labels_of_its_question() -> None:
    records, dropped = ingested([
        faq(),
        at(1, "paraphrase", prompt="how do I freeze MY card", paraphrase="Card stolen, what now?", register="informal"),
        at(2, "paraphrase", prompt="Unknown question?", paraphrase="x y"),
    ])  # fmt: skip
    child = records[1]
    assert (child.prompt, child.response, child.register, child.origin) == (
        "Card stolen, what now?",
        STEPS,
        "informal",
        "paraphrase",
    )
    assert child.parent_id == records[0].id
    assert [item.reason for item in dropped] == ["paraphrase_of_unknown"]


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        ("json", "{}", "must hold a JSON list"),
        ("json", '[{"a": NaN}]', "NaN is not JSON"),
        ("csv", b"question,answer\nok,ok\n\xff,b\n", "file:3: not UTF-8"),
        ("csv", "a,a\n1,2\n", "a column name stands twice"),
        ("markdown", "---\na: [\n---\n# Q\nx\n", "front matter is not YAML"),
        ("json", "[" * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(
    form: str, text: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        only(write(tmp_path, "file", text), form)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("nothing.csv", None, "no file matches"),
        ("empty.csv", " \n", "is empty"),
        ("head.csv", "question,answer\n", "holds no row"),
    ],
)
def test_a_missing_or_empty_source_is_an_error(
    path: str, text: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data/raw/faqs"
    folder.mkdir(parents=True)
    if text is not None:
        write(folder, path, text)
    with pytest.raises(InputError, match=message):
        list(read(source().model_copy(update={"path": f"data/raw/faqs/{path}"})))


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("question;answer\nHow?;1. Tap.\n", {}, "'response' or 'answer' or 'output' or 'completion'; its fields are 'question;answer'."),
        ("question,answer\nHow?,1. Tap.\n", {"rename": {"prompt": "Frage"}}, "no row has a field 'Frage'; its fields are 'answer', 'question'."),
        ("question,answer\nHow?,1. Tap.\n", {"fill": {}}, "no row has a field 'domain', nor 'task_type', nor 'language', nor 'register';"),
    ],
)  # fmt: skip
def test_a_field_that_no_row_has_stops_the_stage_with_the_names_that_are_there(
    text: str, more: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data/raw/faqs"
    folder.mkdir(parents=True)
    write(folder, "a.csv", text)
    with pytest.raises(InputError, match=r"^data/raw/faqs/a\.csv: ") as error:
        list(read(source(**{"fill": LABELS, **more})))
    assert message in str(error.value)


@needs_shared
@pytest.mark.shared
def test_every_document_that_is_not_json_is_refused_and_every_one_that_is_loads() -> None:
    folder = SHARED / "json_test_suite" / "test_parsing"
    for path in folder.glob("[yn]_*.json"):
        if path.name.startswith("y_"):
            parse_json(path.read_bytes(), path.name)
        else:
            with pytest.raises(InputError):
                parse_json(path.read_bytes(), path.name)


@needs_shared
@pytest.mark.shared
def test_awkward_csv_files_are_read_as_their_authors_mean_them() -> None:
    folder = SHARED / "csv_spectrum"
    right = [
        [dict(row) for row in only(path, "csv")]
        == json.loads((folder / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        for path in sorted((folder / "csvs").glob("*.csv"))
    ]
    # The other two are upstream's doing: a lost CRLF, and an object where the others hold a list.
    assert (sum(right), len(right)) == (10, 12)


@needs_shared
@pytest.mark.shared
def test_questions_of_public_documentation_are_found() -> None:
    pages = sorted((SHARED / "btcpay_faq" / "docs" / "FAQ").glob("*.md"))
    questions = [row["question"] for page in pages for row in only(page, "markdown") if row["question"].endswith("?")]
    assert len(questions) >= 138  # 142 headings end in a question mark; a few have no text of their own


@needs_shared
@pytest.mark.shared
def test_naughty_strings_come_back_byte_for_byte(tmp_path: Path) -> None:
    strings = [
        text for text in json.loads((SHARED / "naughty_strings" / "blns.json").read_text(encoding="utf-8")) if text.strip()
    ]
    records, dropped = ingested([faq(number, prompt=text, response=text) for number, text in enumerate(strings)])
    assert len(records) + len(dropped) == len(strings)
    write_jsonl(tmp_path / "a.jsonl", records)
    assert read_records(tmp_path / "a.jsonl") == records


@pytest.mark.parametrize("fields", [{}, {"draft_id": ""}])
def test_a_review_that_names_no_draft_is_an_error(fields: dict[str, str]) -> None:
    nameless = at(1, "draft", prompt="How?", response=STEPS, **LABELS)
    with pytest.raises(InputError, match="no draft is called ''"):
        ingested([nameless, at(1, "review", verdict="rejected", **fields)])


def test_an_unreadable_review_stops_the_stage_for_its_draft_would_pass() -> None:
    broken = (Source(file="r.jsonl", line=4, kind="review", licence="x"), Unreadable("not valid JSON", "{"))
    with pytest.raises(InputError, match=r"r\.jsonl:4: a review that cannot be read"):
        ingested([draft(), broken])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("jsonl", '{"prompt": "q", "response": ' + "[" * 900 + "]" * 900 + "}\n"),
        ("forum", '[{"question": "q", "answers": null}]'),
        ("forum", '[{"question": "q", "answers": [{"text": "1. a", "votes": 1e999}]}]'),
        ("html", '<script type="application/ld+json">{"@type": "FAQPage", "mainEntity": ["x"]}</script>'),
    ],
)
def test_a_row_of_the_wrong_shape_is_unreadable_and_stops_nothing(form: str, text: str, tmp_path: Path) -> None:
    assert [type(row) for row in only(write(tmp_path, "file", text), form)] == [Unreadable]


ASKED_BY_BATCH = {"custom_id": "d1", "metadata": LABELS, "request": {"messages": [{"role": "user", "content": "How?"}]}}


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ({"response": None, "error": {"code": "batch_expired", "message": "too late"}}, "batch_expired: too late"),
        ({"response": {"status_code": 400, "body": {"error": {"message": "too long"}}}, "error": None}, "too long"),
        ({"response": {"status_code": 500, "body": {}}, "error": "server down"}, "server down"),
    ],
)
def test_a_request_that_failed_is_refused_with_the_text_of_its_error(failed: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", json.dumps(ASKED_BY_BATCH | failed))
    rows = read(source("draft").model_copy(update={"path": str(path), "format": "batch"}))
    dropped = ingested([faq(), *rows])[1]
    assert [(item.reason, item.detail) for item in dropped] == [("no_answer", f"field 'response': the request failed: {told}")]
    assert "ignored fields" not in dropped[0].row


def test_html_that_a_browser_would_show_otherwise_is_read_as_shown(tmp_path: Path) -> None:
    page = '<h2>Café?</h2><ol start="3"><li>Tap &#1;A.</li><li style="display: none">Hidden.</li><li>Tap B.</li></ol><!-- x -->'
    assert only(write(tmp_path, "a.html", page), "html") == [{"question": "Café?", "answer": "3. Tap A.\n4. Tap B."}]
