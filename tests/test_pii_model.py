from pathlib import Path

from stages.params.pii_model import Params
from stages.params.section import load_params
from stages.pii_model.__main__ import trained

TINY = load_params("pii_model", Params).model_copy(update={"sentences": 1200, "epochs": 5, "learning_rate": 0.005})


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_trainings_give_the_same_bytes_and_a_name_that_no_list_holds_is_found(tmp_path: Path) -> None:
    for name in ("one", "other"):
        nlp, scores = trained(TINY)
        nlp.to_disk(tmp_path / name)
    assert files(tmp_path / "one") == files(tmp_path / "other")
    assert scores["recall"] > 0.6
    assert [entity.text for entity in nlp("Please give Wrobindra Kvetlo the keys.").ents] == ["Wrobindra Kvetlo"]
