"""`evaluate`: whose scores are published, how they are compared, and what the gate lets through."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from stages.evaluate.keys import MEASURED, QUALITY
from stages.params.section import Section, nearest


class Gate(Section):
    """`python -m stages.gate`: when one revision is worse than another."""

    alpha: float = Field(gt=0, lt=1)
    tolerated: dict[str, dict[str, float]]  # group of metrics -> metric -> drop; of a `*_rate`: rise
    strict: list[str]  # metrics whose drop needs no evidence

    @property
    def drops(self) -> dict[str, float]:
        """Metric key -> tolerated drop."""
        return {f"{group}.{name}": drop for group, found in self.tolerated.items() for name, drop in found.items()}

    @field_validator("tolerated")
    @classmethod
    def drops_are_known_and_positive(cls, groups: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for group, found in groups.items():
            for name, drop in found.items():
                if f"{group}.{name}" not in MEASURED:
                    raise ValueError(f"no metric is called '{group}.{name}'{nearest(f'{group}.{name}', list(MEASURED))}")
                if not 0 <= drop <= 1:
                    raise ValueError(f"{group}.{name}: a drop of {drop} is not in 0..1")
        return groups

    @model_validator(mode="after")
    def strict_are_gated(self) -> "Gate":
        if missing := [key for key in self.strict if key not in self.drops]:
            raise ValueError(f"strict: '{missing[0]}' stands not under `tolerated`{nearest(missing[0], list(self.drops))}")
        return self


class Params(Section):
    candidate: Literal["finetuned", "baseline"]
    seed: int = Field(ge=0)
    resamples: int = Field(ge=100, le=1_000_000)
    group_minimum: int = Field(ge=1)
    headline: list[str] = Field(min_length=1, max_length=6)  # metrics that are shown for every group, in this order
    gate: Gate

    @field_validator("headline")
    @classmethod
    def headline_is_of_quality(cls, keys: list[str]) -> list[str]:
        for key in keys:
            if key not in QUALITY or keys.count(key) > 1:
                raise ValueError(f"'{key}' is no metric of an answer's quality, or stands twice{nearest(key, list(QUALITY))}")
        return keys
