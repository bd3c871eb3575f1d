"""What an interval chart is told: suites of measured rows, each with at most one line; and what follows by rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec

from review.printing.filters import counted, interval, join_words, number

Mark = Literal["elicited", "residual", "comparator"]
Sense = Literal["reached_above", "at_least", "at_most"]
Relation = Literal["above", "crosses", "below", "unknown"]
ValueScale = Literal["proportion", "linear", "factor"]

MARK_WORDS: dict[Mark, str] = {
    "elicited": "With safeguards off",
    "residual": "As deployed",
    "comparator": "Among comparators",
}


class IntervalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement. Numbers are decimal strings; both bounds None means that no interval is known.

    A low bound without a high one is open upward. `shown` replaces value and interval in the column at the right,
    for example `62 of 200`.
    """

    item: str
    label: str
    mark: Mark
    value: str
    low: str | None = None
    high: str | None = None
    shown: str = ""
    grade: str = ""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was named for a suite: before the run, after it, or nobody knows when.

    `sense` says what a value beyond the line means: a tier is reached above it, or a safeguard must keep it.
    """

    label: str
    value: str
    named: Literal["before", "after", "unknown"]
    sense: Sense = "reached_above"


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that share one suite, and the line that holds for them alone."""

    title: str
    rows: tuple[IntervalRow, ...]
    threshold: Threshold | None = None


class IntervalChart(msgspec.Struct, frozen=True, kw_only=True):
    """Suites on one axis: one kind of measure only. `proportion` runs from 0 to 1, `factor` in equal factors.

    `axis_end` fixes the end of the axis, so that several charts share one scale.
    """

    suites: tuple[Suite, ...]
    axis_title: str
    axis_end: str | None = None
    scale: ValueScale = "proportion"

    def numbers(self) -> Iterator[Decimal]:
        """Every number that must lie on the axis."""
        for suite in self.suites:
            if suite.threshold:
                yield Decimal(suite.threshold.value)
            for row in suite.rows:
                yield from (Decimal(each) for each in (row.value, row.low, row.high) if each is not None)


def relation(row: IntervalRow, threshold: Threshold) -> Relation:
    """Where an interval lies against its line, by the exact numbers, not by the rounded ones.

    A value without an interval is `unknown`: a point cannot rule anything out.
    """
    line = Decimal(threshold.value)
    if row.low is None:
        return "unknown"
    if Decimal(row.low) >= line:
        return "above"
    if row.high is not None and Decimal(row.high) < line:
        return "below"
    return "crosses"


def line_words(threshold: Threshold, short: bool = False) -> str:
    """`tier 3 line, set beforehand: 0.40`, `line, set beforehand: at least 40`."""
    named = {"before": ", set beforehand", "after": ", set after the run", "unknown": ""}[threshold.named]
    sense = {"reached_above": "", "at_least": "at least ", "at_most": "at most "}[threshold.sense]
    return f"{threshold.label}{'' if short else named}: {sense}{threshold.value}"


def value_words(row: IntervalRow, threshold: Threshold | None, places: int = 3) -> tuple[str, str]:
    """Value and interval as the column prints them. Prints as many digits as decide about the line."""
    if row.shown:
        return row.shown, ""
    if row.low is not None and row.high is None:
        return number(row.value, places), f"({number(row.low, places)} or more)"
    if row.low is None or row.high is None:
        return number(row.value, places), "(no interval)"
    low, high = (number(bound, _deciding_places(bound, threshold, places)) for bound in (row.low, row.high))
    return number(row.value, places), f"({low} to {high})"


def interval_sentences(chart: IntervalChart) -> str:
    """What the chart shows, made by rule: which intervals lie above, cross or stay below their line.

    Never written by hand, so that no caption says more than the numbers.
    """
    sentences = []
    for mark, opening in MARK_WORDS.items():
        found = [
            (relation(row, suite.threshold), row.item, suite.threshold)
            for suite in chart.suites
            for row in suite.rows
            if row.mark == mark and suite.threshold
        ]
        clauses = [
            _clause(kind, [(item, line) for each, item, line in found if each == kind])
            for kind in ("above", "crosses", "below", "unknown")
            if any(each == kind for each, _, _ in found)
        ]
        if clauses:
            sentences.append(f"{opening}, {'; '.join(clauses)}.")
    without = [suite.title for suite in chart.suites if suite.threshold is None and suite.rows]
    if without:
        sentences.append(f"No line was set for {join_words(without)}.")
    return " ".join(sentences)


def interval_heads() -> list[str]:
    """Column heads of the chart's table."""
    return ["Item", "Suite", "What", "Value", "95% interval", "Line"]


def interval_rows(chart: IntervalChart) -> list[list[str]]:
    """The chart as a table, in its own order."""
    return [
        [
            row.item,
            suite.title,
            row.label,
            row.shown or number(row.value),
            interval(row.low, row.high)
            if row.high is not None or row.low is None
            else f"{number(row.low)} or more",
            line_words(suite.threshold) if suite.threshold else "none set",
        ]
        for suite in chart.suites
        for row in suite.rows
    ]


def _clause(kind: Relation, found: list[tuple[str, Threshold]]) -> str:
    items = [item for item, _ in found]
    labels = list(dict.fromkeys(line.label for _, line in found))
    one = len(items) == 1
    names = join_words(items) if len(items) <= 4 else counted(len(items), "result")
    line = f"the {labels[0]}" if len(labels) == 1 else "their lines"
    match kind:
        case "above":
            return f"{names} {'lies' if one else 'lie'} above {line}"
        case "below":
            return f"{names} {'stays' if one else 'stay'} below {line}"
        case "crosses":
            return f"{names} {'crosses' if one else 'cross'} {line}, so {_open_question(labels, found[0][1].sense)}"
        case "unknown":
            return f"{names} {'gives' if one else 'give'} no interval, so nothing is ruled out"


def _open_question(labels: list[str], sense: Sense) -> str:
    if sense != "reached_above":
        return "it stays open whether the line is kept"
    reached = labels[0].removesuffix(" line") if len(labels) == 1 else "each"
    return f"{reached} cannot be ruled out"


def _deciding_places(bound: str | None, threshold: Threshold | None, places: int) -> int:
    """Decimal places needed so that a bound and its line do not print alike while they differ."""
    if bound is None or threshold is None:
        return places
    exact, line = Decimal(bound), Decimal(threshold.value)
    while exact != line and places < 8 and number(exact, places) == number(line, places):
        places += 1
    return places
