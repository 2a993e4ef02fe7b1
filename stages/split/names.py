"""The three splits, and the labels by which they are balanced."""

from typing import Literal, TypeAlias

Name: TypeAlias = Literal["train", "validation", "test"]
NAMES: tuple[Name, ...] = ("train", "validation", "test")
Label: TypeAlias = tuple[str, str]  # a field and its value
Labels: TypeAlias = tuple[Label, ...]
