from pathlib import Path

import pytest

from stages.common.errors import InputError
from stages.common.files import whole_folder, write_text
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.records import Dropped, read_records, write_jsonl
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
