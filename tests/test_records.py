import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.common.errors import InputError
from stages.common.files import whole_folder, write_text
from stages.common.json_line import TO_ASCII, TO_JSON, json_line
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.records import RECORD, Dropped, read_records, record_of, row_of, write_jsonl
from stages.common.tables import escape, table
from tests.examples import PLAIN, row


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [PLAIN, row("b", "Ünïcödé \u2028 \U0001f600 | </s>", parent_id="a")]
    write_jsonl(tmp_path / "a.jsonl", rows)
    assert read_records(tmp_path / "a.jsonl") == rows
    assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"a\.jsonl:2: not valid JSON"),
        ('{"id": NaN}', r"a\.jsonl:2: not valid JSON: NaN is not JSON"),
        ('{"id": "x"}', r"a\.jsonl:2: field 'group_id': Field required"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_field(line: str, message: str, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", [PLAIN])
    with (tmp_path / "a.jsonl").open("a") as out:
        out.write(line + "\n")
    with pytest.raises(InputError, match=message):
        read_records(tmp_path / "a.jsonl")


LINE = json.dumps(asdict(PLAIN))
ODD: list[Any] = [None, True, 3, -0.0, 2.0, 1.5, 1e400, 10**400, float("nan"), "", " 7 ", "1.0", "x\ud800", [], {}, [PLAIN.id]]
PLACES = [(name,) for name in asdict(PLAIN)] + [("source", name) for name in asdict(PLAIN.source)]


@given(
    st.sampled_from(PLACES),
    st.sampled_from(ODD) | st.text(),
    st.sampled_from(["set", "drop", "add", "repeat", "cut"]),
    st.data(),
)
def test_the_fast_reader_takes_what_the_plain_one_takes_and_refuses_the_rest_with_its_words(
    place: tuple[str, ...], value: Any, change: str, data: st.DataObject
) -> None:
    row = asdict(PLAIN)
    inner = row["source"] if len(place) == 2 else row
    inner[f"{place[-1]}?" if change == "add" else place[-1]] = value
    if change == "drop":
        del inner[place[-1]]
    line = json.dumps(row)
    if change == "repeat":
        line = f"{LINE[:-1]}, {json.dumps(place[0])}: {json.dumps(row[place[0]])}}}"
    if change == "cut":
        line = line[: data.draw(st.integers(0, len(line)))]
    assert read_by(record_of, line, Path("a.jsonl"), 4) == read_by(row_of, line, "a.jsonl:4", RECORD)


def read_by(reader: Any, line: str, *rest: Any) -> Any:
    try:
        return reader(f"{line}\n".encode(), *rest)
    except InputError as error:
        return str(error)


@given(
    st.text(st.characters()) | st.sampled_from(["\ud800", "\u2028\x7f\x00", '"\\\\/']), st.sampled_from(PLACES), st.booleans()
)
def test_a_row_is_written_as_pythons_own_encoder_writes_it(text: str, place: tuple[str, ...], refused: bool) -> None:
    record = row("a", **{place[0]: text}) if place[0] != "source" else row("a", text)
    written = Dropped.record(record, text, "why") if refused else record
    plain = (TO_ASCII if any("\ud800" <= char <= "\udfff" for char in text) else TO_JSON).encode(written)
    assert json_line(written) == plain + "\n"
    assert json.loads(plain) == asdict(written)


def test_a_missing_file_and_an_empty_one_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_records(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match="holds no record"):
        read_records(tmp_path / "empty.jsonl")


def test_a_number_that_is_not_finite_is_never_written_as_a_metric(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_metrics(tmp_path / "m.json", {"loss": float("nan")})
    assert not (tmp_path / "m.json").exists()


def test_a_lost_row_shows_in_the_counts() -> None:
    dropped = [Dropped.record(PLAIN, "no_answer")]
    assert stage_metrics(2, [PLAIN], dropped)["dropped_no_answer"] == 1
    with pytest.raises(AssertionError, match="lost silently"):
        stage_metrics(3, [PLAIN], dropped)


def test_a_folder_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with whole_folder(target) as folder:
        write_text(folder / "a", "old")
    with pytest.raises(RuntimeError, match="broken"), whole_folder(target) as folder:
        write_text(folder / "a", "new")
        raise RuntimeError("broken")
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_any_text_stays_one_cell_of_a_table() -> None:
    nasty = "a | b\n<img src=x onerror=1> `c` **d** [e](f)"
    assert table(["x"], [[escape(nasty)]]).count("\n") == 3
    assert "<img" not in escape(nasty)
