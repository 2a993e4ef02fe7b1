"""Apply a recipe, a small YAML file of overrides, to params.yaml; comments and order stay.

`dvc params diff` then shows each value that it changed, `git checkout params.yaml` takes it back.
"""

import io
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from stages.common.errors import InputError, run
from stages.common.files import write_text
from stages.params.section import PARAMS, check, nearest, read_params


def apply(params: Any, overrides: dict[str, Any], where: str = "") -> list[str]:
    """Set each value of `overrides` in `params`; returns what changed as `key: old -> new`."""
    changed = []
    for key, value in overrides.items():
        name = f"{where}{key}"
        if key not in params:
            raise InputError(f"recipe: params.yaml has no key '{name}'{nearest(str(key), list(map(str, params)))}")
        if value and isinstance(value, dict) and isinstance(params[key], dict):  # `{}` empties a mapping
            changed += apply(params[key], value, f"{name}.")
        elif params[key] != value:
            changed.append(f"{name}: {params[key]} -> {value}")
            params[key] = value
    return changed


def main(recipe: Annotated[Path, typer.Argument(help="A file of recipes/.")]) -> None:
    """Write the values of a recipe into params.yaml."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 160
    yaml.indent(mapping=2, sequence=4, offset=2)
    check(read_params())
    params = yaml.load(PARAMS)
    changed = apply(params, read_params(recipe))
    text = io.StringIO()
    yaml.dump(params, text)
    check(YAML(typ="safe").load(text.getvalue()), recipe)
    write_text(PARAMS, text.getvalue())
    print("\n".join(changed) or "nothing to change")


if __name__ == "__main__":
    run(main)
