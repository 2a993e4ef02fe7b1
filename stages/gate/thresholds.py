"""What the gate lets through, as the base revision has it: a change that brought its own thresholds would pass its own gate."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.common.errors import InputError
from stages.common.revisions import text_at
from stages.params.evaluate import Gate, Params
from stages.params.section import PARAMS, validated

SECTION = "evaluate"


def thresholds(revision: str | None) -> Params:
    """The section `evaluate` of a revision; raises InputError where this code can't read it."""
    name = f"{revision or 'working tree'}:{PARAMS}"
    try:
        sections = YAML(typ="safe").load(text_at(revision, PARAMS) or "")
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(sections, dict) or SECTION not in sections:
        raise InputError(f"{name}: section '{SECTION}' is missing")
    return validated(SECTION, sections[SECTION], Params, Path(name))


def changed_thresholds(base: Gate, new: Gate) -> list[str]:
    """Each value of the gate that differs, as `key old → new`."""
    before, after = (dict(leaves(gate.model_dump(), f"{SECTION}.gate")) for gate in (base, new))
    keys = [*before, *(key for key in after if key not in before)]
    return [f"{key} {before.get(key, 'none')} → {after.get(key, 'none')}" for key in keys if before.get(key) != after.get(key)]


def leaves(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """The values at the ends of nested mappings, by their dotted keys."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}.{name}")
        else:
            yield f"{path}.{name}", ", ".join(value) or "none" if isinstance(value, list) else f"{value:g}"
