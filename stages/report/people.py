"""The part of the report that tells what people and judging models said, as blocks for either form."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from stages.evaluate.opinions.ratings import ASPECTS

Values: TypeAlias = Mapping[str, float]
Rows: TypeAlias = Sequence[Sequence[str]]
Block: TypeAlias = str | tuple[Sequence[str], Rows]  # a paragraph, or header and rows of a table

WINS = (
    "Fine-tuned against baseline. A tie is half a win; the interval is a bootstrap over questions; p is that of the sign test "
    "over questions with a winner. A judge is a model, asked in both orders: only a verdict that stays the same is a win."
)
MARKS = (
    "Marks from 1 to 5, `acceptable` 0 or 1; differences are paired by question. Alpha is Krippendorff's agreement between "
    "raters: ordinal (his own metric) for marks, nominal for `acceptable` and for who wins."
)
RELATED = "Rank correlation of each metric's difference, question by question, with the difference of the mean human mark."


def number(values: Values, name: str) -> str:
    return f"{values[name]:.4f}" if name in values else ""


def interval(values: Values, sign: str = "") -> str:
    return f"{values['low']:{sign}.4f} .. {values['high']:{sign}.4f}" if "low" in values else ""


def blocks(human: Mapping[str, Any], judges: Mapping[str, Values]) -> list[Block]:
    """From the sections `human` and `judges` of metrics/comparison.json."""
    found: list[Block] = [counted(human["ratings"])]
    people = {"people": human["preference"]} if "preference" in human else {}
    if contests := people | {name: values for name, values in judges.items() if values["n"]}:
        found += [contest_rows(contests), WINS]
    if any(aspect in human for aspect in ASPECTS):
        found += [aspect_rows(human), MARKS]
    if repeats := human.get("self_consistency"):
        same, distance = (number(repeats, name) or "not rated" for name in ("same_preference", "distance"))
        found.append(f"Hidden repeats: {repeats['n']:.0f}; same preference {same}, mean distance of marks {distance}.")
    if related := human.get("correlation"):
        found += [correlation_rows(related), RELATED]
    return found


def counted(ratings: Values) -> str:
    stale = f" {ratings['stale']:.0f} ratings are of answers that have since changed." if ratings["stale"] else ""
    if not ratings["n"]:
        return f"No person has rated these answers; make rate asks one.{stale}"
    return f"Rated blind: {ratings['rows']} questions, raters {ratings['raters']}, ratings {ratings['n']}.{stale}"


def contest_rows(contests: Mapping[str, Values]) -> Block:
    header = ["who", "n", "wins", "losses", "ties", "win rate", "95 % interval", "p", "alpha"]
    counts = ("n", "wins", "losses", "ties")
    numbers = {name: [f"{values[key]:.0f}" for key in counts] for name, values in contests.items()}
    rows = [
        [name, *numbers[name], number(values, "win_rate"), interval(values), number(values, "p_value"), number(values, "alpha")]
        for name, values in contests.items()
    ]
    return header, rows


def aspect_rows(human: Mapping[str, Any]) -> Block:
    header = ["criterion", "n", "baseline", "fine-tuned", "change", "95 % interval", "alpha"]
    rated = {aspect: human[aspect] for aspect in ASPECTS if aspect in human}
    rows = [
        [aspect, str(values["n"]), number(values, "baseline"), number(values, "finetuned"), f"{values['difference']:+.4f}",
         interval(values, "+"), number(values, "alpha")]
        for aspect, values in rated.items()
    ]  # fmt: skip
    return header, rows


def correlation_rows(related: Mapping[str, Values]) -> Block:
    rows = [[name, str(values["n"]), number(values, "spearman"), number(values, "kendall")] for name, values in related.items()]
    return ["metric", "n", "Spearman", "Kendall tau-b"], rows
