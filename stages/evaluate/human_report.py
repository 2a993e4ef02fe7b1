"""The part of the report that tells what people said."""

from collections.abc import Mapping
from typing import Any

from stages.common.tables import escape, table
from stages.evaluate.ratings import ASPECTS


def span(values: Mapping[str, float]) -> str:
    return f"{values['low']:+.4f} .. {values['high']:+.4f}" if "low" in values else ""


def number(values: Mapping[str, float], name: str) -> str:
    return f"{values[name]:.4f}" if name in values else ""


def human_section(human: Mapping[str, Any], judges: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown, with its heading."""
    counts = human["ratings"]
    parts = ["## What people say"]
    stale = (
        f" {counts['stale']} further ratings are of answers that have changed since and don't count." if counts["stale"] else ""
    )
    if counts["n"]:
        parts += [f"{counts['raters']} raters rated {counts['rows']} questions blind ({counts['n']} ratings).{stale}"]
    else:
        parts += [f"No person has rated these answers (`make rate`).{stale}"]
    contests = ({"people": human["preference"]} if "preference" in human else {}) | {
        name: found for name, found in judges.items() if found["n"]
    }
    if contests:
        parts += [contest_table(contests), WINS]
    if any(aspect in human for aspect in ASPECTS):
        parts += [aspect_table(human), MARKS]
    if found := human.get("self_consistency"):
        same, distance = (number(found, name) or "not rated" for name in ("same_preference", "distance"))
        parts.append(f"Hidden repeats: {found['n']:.0f}; same preference {same}, mean distance of marks {distance}.")
    if related := human.get("correlation"):
        parts += [correlation_table(related), RELATED]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


WINS = (
    "Fine-tuned against baseline. A tie is half a win; the interval is a bootstrap over questions; p is that of the sign test "
    "over questions with a winner. A judge is a model, asked in both orders: only a verdict that stays the same is a win."
)
MARKS = (
    "Marks from 1 to 5, `acceptable` 0 or 1; differences are paired by question. Alpha is Krippendorff's agreement between "
    "raters: ordinal (his own metric) for marks, nominal for `acceptable`."
)
RELATED = "Rank correlation of each metric's difference, question by question, with the difference of the mean human mark."


def contest_table(contests: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [escape(name), *(f"{found[key]:.0f}" for key in ("n", "wins", "losses", "ties")), number(found, "win_rate"),
         span(found).replace("+", ""), number(found, "p_value"), number(found, "alpha")]
        for name, found in contests.items()
    ]  # fmt: skip
    return table(["who", "n", "wins", "losses", "ties", "win rate", "95 % interval", "p", "alpha"], rows)


def aspect_table(human: Mapping[str, Any]) -> str:
    rows = [
        [name, f"{found['n']:.0f}", number(found, "baseline"), number(found, "finetuned"), f"{found['difference']:+.4f}",
         span(found), number(found, "alpha")]
        for name in ASPECTS if (found := human.get(name))
    ]  # fmt: skip
    return table(["criterion", "n", "baseline", "fine-tuned", "change", "95 % interval", "alpha"], rows)


def correlation_table(related: Mapping[str, Mapping[str, float]]) -> str:
    rows = [[name, f"{found['n']:.0f}", number(found, "spearman"), number(found, "kendall")] for name, found in related.items()]
    return table(["metric", "n", "Spearman", "Kendall tau-b"], rows)
