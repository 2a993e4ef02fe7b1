"""Put the adapter into a folder that can be published: weights, tokenizer with its chat template, and a whole model card.

The card adds to the adapter's own what is known only after evaluation: the scores with their intervals, the commit, and the
hash of each input and output as dvc.lock has it.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from ruamel.yaml import YAML

from stages.common.errors import InputError, run
from stages.common.files import whole_folder, write_text
from stages.common.models import load_tokenizer, read_base
from stages.common.tables import table
from stages.readme import comparison

WEIGHTS = "adapter_model.safetensors"


def said_by(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours, without a shell
    if done.returncode:
        raise InputError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def refuse_stale_scores() -> None:
    """The scores must be those of this adapter: every stage up to evaluation is up to date."""
    if said_by(sys.executable, "-m", "dvc", "status", "evaluate", "--with-deps") != "Data and pipelines are up to date.":
        raise InputError("the scores are not of this adapter: run `dvc repro` first, `dvc status` says what changed")


def commit() -> str:
    changed = said_by("git", "status", "--porcelain", "--untracked-files=no")
    return said_by("git", "rev-parse", "HEAD") + (", with changes that are not committed" if changed else "")


def hashes(lock: Path) -> str:
    """Each data file and model of the pipeline with its md5."""
    stages = YAML(typ="safe").load(lock)["stages"].values()
    entries = [entry for stage in stages for entry in (*stage.get("deps", []), *stage.get("outs", []))]
    found = {entry["path"]: entry["md5"] for entry in entries if entry["path"].startswith(("data/", "models/"))}
    return table(["path", "md5"], [[path, found[path]] for path in sorted(found)], right=2)


def full_card(own: str, scores: str, revision: str, data: str) -> str:
    return f"{own}\n## Scores on unseen questions\n\n{scores}\n## Origin\n\nCommit {revision}. What `dvc.lock` holds:\n\n{data}"


def refuse_other_content(target: Path) -> None:
    """The folder is replaced as a whole: only an earlier export may stand in its place."""
    if target.exists() and not (target.is_dir() and ((target / WEIGHTS).exists() or not any(target.iterdir()))):
        raise InputError(f"{target}: holds something else than an export, which would be lost; name another folder")


def publish(adapter: Path, base_folder: Path, target: Path, card: str) -> None:
    with whole_folder(target) as folder:
        for name in ("adapter_config.json", WEIGHTS):
            shutil.copyfile(adapter / name, folder / name)  # not its mode: readers of the folder are others
        load_tokenizer(read_base(base_folder)).save_pretrained(folder)
        write_text(folder / "README.md", card)


def main(
    target: Annotated[Path, typer.Argument(help="The folder to write.")],
    adapter: Annotated[Path, typer.Option(help="Folder of the adapter.")] = Path("models/adapter"),
    base_folder: Annotated[Path, typer.Option(help="Folder of the base model.")] = Path("models/base"),
) -> None:
    """Write the adapter with its tokenizer and a whole model card."""
    refuse_other_content(target)
    refuse_stale_scores()
    own = (adapter / "README.md").read_text(encoding="utf-8")
    publish(adapter, base_folder, target, full_card(own, comparison(), commit(), hashes(Path("dvc.lock"))))


if __name__ == "__main__":
    run(main)
