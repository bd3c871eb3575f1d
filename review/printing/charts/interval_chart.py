"""The interval chart: values with their intervals, grouped by suite, each against the line of its own suite.

Filled circle is elicited, open diamond residual, grey square a comparator; the dashed line crosses its own suite only
and says when it was set. Value and interval stand at the right: the chart is read, not measured.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from review.printing.charts import svg
from review.printing.charts.axis import Axis, axis_for
from review.printing.charts.measures import (
    IntervalChart,
    IntervalRow,
    Suite,
    interval_sentences,
    line_words,
    value_words,
)
from review.printing.charts.squares import GRADE_PAINT

ROW, TITLE_ROW, GAP = 24.0, 24.0, 14.0
WHISKER, CAP = 1.8, 5.0
GRADE_WIDTH = 34.0


def interval_chart(
    chart: IntervalChart,
    chart_id: str,
    width: float = 720,
    stacked: bool | None = None,
    title: str = "Measured values",
) -> Markup:
    """The chart at its real size. `stacked` puts each label above its whiskers; default below 520 units."""
    if stacked is None:
        stacked = width < 520
    grades = any(row.grade for suite in chart.suites for row in suite.rows)
    label_width, value_width = _columns(chart, width, grades)
    if stacked:
        axis = axis_for(chart, left=8, right=width - 8)
    else:
        axis = axis_for(chart, left=label_width, right=width - value_width)
    parts: list[Markup] = []
    y = 4.0 if stacked or _all_shown(chart) else 20.0
    top = y
    for place, suite in enumerate(chart.suites):
        y += GAP if place else 0
        draw = _stacked_suite if stacked else _suite
        drawn, y = draw(suite, axis, y, width, grades)
        parts += drawn
    bottom = y + 6
    if not stacked and not _all_shown(chart):
        parts.append(svg.text(width, 13, "value (interval)", anchor="end", fill=svg.QUIET))
    frame, height = _axis(axis, top, bottom, width)
    return svg.picture(chart_id, width, height, title, interval_sentences(chart), [*frame, *parts])


def _all_shown(chart: IntervalChart) -> bool:
    return all(row.shown for suite in chart.suites for row in suite.rows)


def _columns(chart: IntervalChart, width: float, grades: bool) -> tuple[float, float]:
    """Widths of the label and value columns, from the words themselves."""
    labels = [svg.text_width(_row_label(row)) for suite in chart.suites for row in suite.rows]
    label_width = min(max([40.0, *labels]) + 18, width * 0.42)
    values = [sum(_value_widths(row, suite)) for suite in chart.suites for row in suite.rows]
    return label_width, max([60.0, *values]) + 18 + (GRADE_WIDTH if grades else 0)


def _value_widths(row: IntervalRow, suite: Suite) -> tuple[float, float]:
    value, bounds = value_words(row, suite.threshold)
    plain = bool(row.shown)
    return svg.text_width(value, bold=not plain), (svg.text_width(bounds) + 4) if bounds else 0


def _row_label(row: IntervalRow) -> str:
    return f"{row.item} {row.label}".strip()


def _suite(suite: Suite, axis: Axis, y: float, width: float, grades: bool) -> tuple[list[Markup], float]:
    """A heading and its rows, labels at left, values at right."""
    title_width = svg.text_width(suite.title, bold=True)
    parts = [svg.text(0, y + 16, suite.title, bold=True, fill=svg.INK)]
    rows_top = y + TITLE_ROW
    if suite.threshold:
        label, extra = _line_label(suite, axis, y + 16, title_width, width)
        parts += label
        rows_top += extra
    bottom = rows_top + ROW * len(suite.rows)
    if suite.threshold:
        x = axis.x(suite.threshold.value)
        parts.append(svg.line(x, rows_top - 3, x, bottom - 2, svg.ALERT, 2, "5 3"))
    for place, row in enumerate(suite.rows):
        middle = rows_top + place * ROW + ROW / 2
        parts.append(svg.text(0, middle + 4.5, _row_label(row)))
        parts += _whisker(row, axis, middle)
        at_right = width - (GRADE_WIDTH if grades else 0)
        parts += _value(row, suite, at_right, middle + 4.5)
        if row.grade:
            parts += _grade(row.grade, width - 28, middle)
    return parts, bottom


def _stacked_suite(
    suite: Suite, axis: Axis, y: float, width: float, grades: bool
) -> tuple[list[Markup], float]:
    """For 400 px: label and value on one line, or two, and the whiskers below; the line keeps off the words."""
    parts = [svg.text(0, y + 14, suite.title, bold=True, fill=svg.INK)]
    y += 20
    if suite.threshold:
        x, words = axis.x(suite.threshold.value), line_words(suite.threshold)
        half = svg.text_width(words, bold=True) / 2
        parts.append(
            svg.text(
                min(max(x, half), width - half), y + 13, words, anchor="middle", bold=True, fill=svg.ALERT
            )
        )
        y += 18
    marks: list[Markup] = []
    for row in suite.rows:
        room = width - (GRADE_WIDTH if grades else 0)
        beside = svg.text_width(_row_label(row)) + sum(_value_widths(row, suite)) + 12 <= room
        marks.append(svg.text(0, y + 16, _row_label(row)))
        y += 0 if beside else 18
        marks += _value(row, suite, room, y + 16)
        if row.grade:
            marks += _grade(row.grade, width - 28, y + 12)
        if suite.threshold:
            x = axis.x(suite.threshold.value)
            marks.append(svg.line(x, y + 22, x, y + 43, svg.ALERT, 2, "5 3"))
        marks += _whisker(row, axis, y + 32)
        y += 46
    return [*parts, *marks], y


def _line_label(
    suite: Suite, axis: Axis, baseline: float, title_width: float, width: float
) -> tuple[list[Markup], float]:
    """The words of the line, at the right of it, else at the left, else in a row of their own."""
    assert suite.threshold is not None
    x = axis.x(suite.threshold.value)
    for words in (line_words(suite.threshold), line_words(suite.threshold, short=True)):
        room = svg.text_width(words, bold=True)
        if max(x, title_width + 10) == x and x + room <= width:
            return [svg.text(x, baseline, words, bold=True, fill=svg.ALERT)], 0
        start = max(title_width + 14, min(x, width - room))
        if start + room <= width and start <= x <= start + room:
            return [svg.text(start, baseline, words, bold=True, fill=svg.ALERT)], 0
    words = line_words(suite.threshold)
    start = max(0, min(x, width - svg.text_width(words, bold=True)))
    return [svg.text(start, baseline + 18, words, bold=True, fill=svg.ALERT)], 18


def _value(row: IntervalRow, suite: Suite, right: float, baseline: float) -> list[Markup]:
    """Value in bold, interval after it; the column ends at `right`, so that equal lengths line up."""
    value, bounds = value_words(row, suite.threshold)
    if not bounds:
        return [svg.text(right, baseline, value, anchor="end", fill=svg.INK)]
    bounds_width = svg.text_width(bounds)
    return [
        svg.text(right - bounds_width - 4, baseline, value, anchor="end", bold=True, fill=svg.INK),
        svg.text(right - bounds_width, baseline, bounds),
    ]


def _whisker(row: IntervalRow, axis: Axis, y: float) -> list[Markup]:
    parts: list[Markup] = []
    if row.low is not None:
        left = axis.x(row.low)
        right = axis.x(row.high) if row.high is not None else axis.right
        parts.append(svg.line(left, y, right, y, svg.CHART_INK, WHISKER))
        parts.append(svg.line(left, y - CAP, left, y + CAP, svg.CHART_INK, WHISKER))
        if row.high is not None:
            parts.append(svg.line(right, y - CAP, right, y + CAP, svg.CHART_INK, WHISKER))
        else:
            arrow = f"M{svg.coordinate(right - 6)} {svg.coordinate(y - 5)}l6 5-6 5"
            parts.append(
                svg.element("path", d=arrow, fill="none", stroke=svg.CHART_INK, stroke_width=WHISKER)
            )
    return [*parts, _mark(row, axis.x(row.value), y)]


def _mark(row: IntervalRow, x: float, y: float) -> Markup:
    if row.mark == "elicited":
        return svg.element("circle", cx=x, cy=y, r=5.5, fill=svg.CHART_INK)
    if row.mark == "comparator":
        return svg.rectangle(x - 5, y - 5, 10, 10, svg.COMPARATOR, svg.QUIET, 1.2)
    diamond = f"M{svg.coordinate(x)} {svg.coordinate(y - 7)}l7 7-7 7-7-7z"
    return svg.element("path", d=diamond, fill=svg.WHITE, stroke=svg.CHART_INK, stroke_width=1.8)


def _grade(grade: str, x: float, y: float) -> list[Markup]:
    fill, stroke, dash = GRADE_PAINT.get(grade, (svg.WHITE, svg.EDGE, None))
    box = svg.element(
        "rect", x=x, y=y - 9, width=27, height=18, rx=2, fill=fill, stroke=stroke, stroke_dasharray=dash
    )
    ink = svg.WHITE if grade in ("E1", "E2") else svg.AXIS_TEXT
    return [box, svg.text(x + 13.5, y + 4.5, grade, anchor="middle", bold=True, fill=ink)]


def _axis(axis: Axis, top: float, bottom: float, width: float) -> tuple[Sequence[Markup], float]:
    """Grid, axis line, numbers and title; returns the height of the whole."""
    parts = [svg.line(axis.x(tick), top, axis.x(tick), bottom, svg.GRID) for tick in axis.ticks]
    parts.append(svg.line(axis.left, bottom, axis.right, bottom, svg.EDGE))
    for tick in axis.ticks:
        parts.append(svg.line(axis.x(tick), bottom, axis.x(tick), bottom + 4, svg.EDGE))
        half = svg.text_width(axis.words(tick)) / 2
        x = min(max(axis.x(tick), half), width - half)
        parts.append(svg.text(x, bottom + 18, axis.words(tick), anchor="middle"))
    title_lines = _wrapped(axis.title, width)
    for place, words in enumerate(title_lines):
        half = svg.text_width(words) / 2
        middle = min(max((axis.left + axis.right) / 2, half), max(width - half, half))
        parts.append(svg.text(middle, bottom + 37 + 17 * place, words, anchor="middle", fill=svg.QUIET))
    return parts, bottom + 27 + 17 * len(title_lines)


def _wrapped(words: str, width: float) -> list[str]:
    """Words in lines that fit, broken at spaces."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and svg.text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
