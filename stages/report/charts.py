"""Charts as inline SVG. Colours come from the page's style sheet by class, so that one drawing serves light and dark.

Every text is escaped by `Markup.format`; widths are in the units of the view box, which the page scales.
"""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

WIDTH = 360  # of every chart: about a phone's screen, so that text is read at its own size there
LABEL = 128  # room for names at the left
VALUE = 44  # and for numbers at the right
ROW = 18
TICKS = (-1, -0.5, -0.2, -0.05, 0, 0.05, 0.2, 0.5, 1)
PLOT = WIDTH - LABEL - VALUE


def svg(height: float, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, number(height), title, Markup("\n").join(parts)
    )


def number(value: float) -> str:
    """At most one digit after the point: the same bytes for the same picture."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, content: str, kind: str = "name", anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        number(x), number(y), kind, anchor, content
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>').format(*map(number, (x1, y1, x2, y2)), kind)


def bar(x: float, y: float, width: float, height: float, kind: str, tip: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"><title>{}</title></rect>').format(
        *map(number, (x, y, width, height)), kind, tip
    )


def forest(differences: Mapping[str, Mapping[str, float | str]]) -> Markup:
    """Each metric's difference as a point with its interval, on one scale: of square roots, so that +1 hides no +0.01."""
    ends = [float(found[end]) for found in differences.values() for end in ("low", "high")]
    low, high = root(min([0.0, *ends])), root(max([0.01, *ends]))
    bottom = ROW * len(differences) + 4

    def place(value: float) -> float:
        return LABEL + (root(value) - low) / (high - low) * PLOT

    parts: list[Markup] = []
    for tick in (tick for tick in TICKS if low <= root(tick) <= high):
        parts += [
            line(place(tick), 0, place(tick), bottom, "zero" if tick == 0 else "grid"),
            text(place(tick), bottom + 12, f"{tick:+g}" if tick else "0", "tick", "middle"),
        ]
    for row, (key, found) in enumerate(differences.items()):
        middle = ROW * row + ROW / 2
        kind = f"mark {str(found['verdict']).replace(' ', '-')}"
        parts += [
            text(LABEL - 8, middle + 4, key, anchor="end"),
            line(place(float(found["low"])), middle, place(float(found["high"])), middle, kind),
            Markup('<circle cx="{}" cy="{}" r="2.5" class="{}"/>').format(
                number(place(float(found["mean"]))), number(middle), kind
            ),
            text(WIDTH, middle + 4, f"{float(found['mean']):+.3f}", "value", "end"),
        ]
    return svg(bottom + 16, "Differences with their 95 % intervals", parts)


def root(value: float) -> float:
    """The square root with the sign kept."""
    return math.copysign(math.sqrt(abs(value)), value)


def group_bars(groups: Mapping[str, Mapping[str, float]], counts: Mapping[str, int], title: str) -> Markup:
    """Two bars a group, baseline over fine-tuned, on a scale from 0 to the largest."""
    largest = max([value for group in groups.values() for value in group.values()] or [0]) or 1.0
    parts: list[Markup] = []
    for row, (name, group) in enumerate(groups.items()):
        top = row * (ROW + 6)
        parts.append(text(LABEL - 6, top + 14, f"{name} ({counts[name]})", anchor="end"))
        for place, (system, value) in enumerate(group.items()):
            width = value / largest * PLOT
            parts.append(bar(LABEL, top + 2 + place * 9, width, 8, f"bar {system}", f"{name}, {system}: {value:.4f}"))
        parts.append(text(WIDTH, top + 18, f"{group['finetuned']:.3f}", "value", "end"))
    return svg(len(groups) * (ROW + 6) + 2, title, parts)


def curves(losses: Mapping[str, Sequence[tuple[float, float]]]) -> Markup:
    """Loss by step, a line for each curve."""
    points = [point for curve in losses.values() for point in curve]
    steps, values = [step for step, _ in points], [value for _, value in points]
    left, height, last = 34, 150, max(steps) or 1.0
    low, span = min(values), (max(values) - min(values)) or 1.0
    parts = [line(left, height, WIDTH, height, "zero"), line(left, 0, left, height, "zero")]
    for name, curve in losses.items():
        drawn = " ".join(
            f"{number(left + step / last * (WIDTH - left - 4))},{number(6 + (1 - (value - low) / span) * (height - 12))}"
            for step, value in curve
        )
        parts.append(Markup('<polyline points="{}" class="curve {}"/>').format(drawn, name))
    parts += [
        text(left - 4, 12, f"{max(values):.2f}", "tick", "end"),
        text(left - 4, height, f"{low:.2f}", "tick", "end"),
        text(WIDTH, height + 14, f"step {last:.0f}", "tick", "end"),
    ]
    return svg(height + 18, "Loss by training step", parts)


def histogram(counts: Mapping[str, Sequence[int]], width: int, title: str) -> Markup:
    """Share of answers by value, in bins of `width`; systems side by side, the last bin open."""
    bins = 12
    shares = {system: binned(values, width, bins) for system, values in counts.items()}
    largest = max([share for found in shares.values() for share in found] or [0]) or 1.0
    height, slot = 110, WIDTH / bins
    parts: list[Markup] = []
    for place, (system, found) in enumerate(shares.items()):
        each = (slot - 4) / len(shares)
        for column, share in enumerate(found):
            tall = share / largest * height
            name = f"{system}, {bin_name(column, width, bins)}: {share:.1%}"
            parts.append(bar(column * slot + 2 + place * each, height - tall, each, tall, f"bar {system}", name))
    parts.append(line(0, height, WIDTH, height, "zero"))
    labels = [f"{column * width}{'+' if column == bins - 1 else ''}" for column in range(bins)]
    parts += [text(column * slot + slot / 2, height + 13, label, "tick", "middle") for column, label in enumerate(labels)]
    return svg(height + 18, title, parts)


def binned(values: Sequence[int], width: int, bins: int) -> list[float]:
    found = [min(value // width, bins - 1) for value in values]
    return [found.count(column) / len(found) for column in range(bins)]


def bin_name(column: int, width: int, bins: int) -> str:
    first = column * width
    return f"{first} and more" if column == bins - 1 else str(first) if width == 1 else f"{first} to {first + width - 1}"
