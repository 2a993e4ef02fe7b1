"""Typed access to params.yaml, the only place where a tunable value lives.

Schemas stand apart from the stages, in modules that import nothing heavy: so the first stage of a
run can check every section, and a typo in `evaluate` fails in the first second, not after training.
"""

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.common.errors import InputError

PARAMS = Path("params.yaml")


class Section(BaseModel):
    """One section: immutable, no defaults (a default is a value that `dvc params diff` cannot see), nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


def load_params(name: str, schema: type[S], path: Path = PARAMS) -> S:
    """The section `name`, once every section of the file is valid.

    Raises:
        InputError: naming file, section and key, with the nearest known name for an unknown one.
    """
    sections = read_params(path)
    check(sections, path)
    return validated(name, sections[name], schema, path)


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """Read as YAML 1.2, as DVC does: `2e-4` is a number."""
    try:
        sections = YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(sections, dict):
        raise InputError(f"{path}: must hold one mapping a stage")
    return sections


def check(sections: dict[str, Any], path: Path = PARAMS) -> None:
    """Validate every section against its schema in this package."""
    known = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py") if file.stem != "section")
    for name in sections:
        if name not in known:
            raise InputError(f"{path}: unknown section '{name}'{nearest(str(name), known)}")
    for name in known:
        if name not in sections:
            raise InputError(f"{path}: section '{name}' is missing")
        # A dynamic import: it can only refuse, never change a result, so no stage depends on it.
        validated(name, sections[name], import_module(f"stages.params.{name}").Params, path)


def validated(name: str, values: Any, schema: type[S], path: Path) -> S:
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise InputError("; ".join(fault(name, item, schema, path) for item in error.errors())) from None


def fault(name: str, item: Any, schema: type[Section], path: Path) -> str:
    key = ".".join([name, *(str(part) for part in item["loc"])])
    if item["type"] == "extra_forbidden":
        return f"{path}: unknown key '{key}'{nearest(str(item['loc'][-1]), known_keys(schema, item['loc'][:-1]))}"
    got = "" if item["type"] == "missing" else f", got {item['input']!r:.60}"
    return f"{path}: {key}: {item['msg']}{got}"


def known_keys(schema: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """The keys of the model at `place` inside `schema`, list positions skipped."""
    for name in (part for part in place if isinstance(part, str)):
        kind = schema.model_fields[name].annotation
        schema = next(model for model in (kind, *get_args(kind)) if isinstance(model, type) and issubclass(model, BaseModel))
    return list(schema.model_fields)


def nearest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
