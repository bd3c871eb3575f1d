"""The charts say what the numbers say, look the same everywhere, and never let two labels meet."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from review.printing.charts.clock_bar import (
    ClockFacts,
    ClockMilestone,
    ClockSpan,
    SpanKind,
    clock_bar,
    clock_description,
    clock_rows,
    facts_of,
)
from review.printing.charts.interval_chart import interval_chart
from review.printing.charts.life_line import LifePoint, life_line
from review.printing.charts.measures import (
    IntervalChart,
    IntervalRow,
    Mark,
    Sense,
    Suite,
    Threshold,
    interval_rows,
    interval_sentences,
    value_words,
)
from review.printing.charts.small_bars import limit_bar
from review.printing.charts.squares import Square, discipline_squares
from review.printing.charts.svg import text_width
from review.rules.clock import ClockEvent, ClockKind, reading

SVG = "{http://www.w3.org/2000/svg}"
RECEIVED = date(2026, 3, 2)


def bar(
    held_from: int = 8, held: int = 9, as_of: int = 23, milestones: tuple[ClockMilestone, ...] = ()
) -> ClockFacts:
    """Thirty review days from 2 March, held once, read on day `as_of` after receipt."""
    at = [RECEIVED + timedelta(days=days) for days in (0, held_from, held_from + held, as_of)]
    kinds: tuple[SpanKind, ...] = ("run", "held", "run")
    return ClockFacts(
        received=RECEIVED,
        goal=RECEIVED + timedelta(days=30 + held),
        as_of=at[3],
        spans=tuple(
            ClockSpan(kind=kind, start=start, end=end)
            for kind, start, end in zip(kinds, at, at[1:], strict=False)
            if end > start
        ),
        milestones=milestones,
    )


def row(
    value: str, low: str | None, high: str | None, mark: Mark = "elicited", item: str = "EV-07"
) -> IntervalRow:
    """One measured value."""
    return IntervalRow(item=item, label="what", mark=mark, value=value, low=low, high=high)


def chart(*rows: IntervalRow, line: str = "0.40", sense: Sense = "reached_above") -> IntervalChart:
    """One suite with a line named beforehand."""
    threshold = Threshold(label="tier 3 line", value=line, named="before", sense=sense)
    return IntervalChart(
        axis_title="Proportion", suites=(Suite(title="VulnHunt", rows=rows, threshold=threshold),)
    )


def labels(picture: Markup) -> list[tuple[float, float, float, str]]:
    """Each text of a picture as left, right, baseline, words."""
    found = []
    for node in ET.fromstring(picture).iter(f"{SVG}text"):
        words = node.text or ""
        room = text_width(words, bold=node.get("font-weight") == "700")
        x = float(node.get("x", "0"))
        left = x - {"middle": room / 2, "end": room}.get(node.get("text-anchor", ""), 0)
        found.append((left, left + room, float(node.get("y", "0")), words))
    return found


def assert_no_labels_meet(picture: Markup) -> None:
    """On each baseline, texts stay apart; none leaves the picture by more than a letter's edge."""
    width = float(ET.fromstring(picture).get("width", "0"))
    placed = sorted(labels(picture), key=lambda each: (each[2], each[0]))
    for (_, right, line, words), (left, _, next_line, next_words) in pairwise(placed):
        assert line != next_line or right <= left + 0.5, f"{words!r} meets {next_words!r}"
    for left, right, _, words in placed:
        assert left >= -1, words
        assert right <= width + 1, words


@pytest.mark.parametrize("width", [1200, 800, 648, 368])
def test_the_clock_bar_is_named_described_and_free_of_inline_style(width: float) -> None:
    picture = clock_bar(bar(), "clock", width)
    root = ET.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "clock-title clock-desc"
    assert " style=" not in picture
    assert "14 review days ran and 9 days were held" in clock_description(bar())


def test_the_lengths_of_run_held_and_to_come_are_those_of_the_days() -> None:
    boxes = [
        (node.get("fill", ""), float(node.get("width", "0")))
        for node in ET.fromstring(clock_bar(bar(), "clock")).iter(f"{SVG}rect")
        if node.get("height") == "28"
    ]
    (_, whole), *spans = boxes
    per_day = whole / 39
    assert [round(width / per_day) for _, width in spans] == [8, 9, 6]
    assert spans[1][0] == "url(#clock-hatch)"


def test_the_count_of_review_days_stands_still_while_held() -> None:
    at = {words: (left + right) / 2 for left, right, _, words in labels(clock_bar(bar(), "clock"))}
    assert at["10"] - at["5"] > at["20"] - at["15"], "day 10 comes nine days later because of the hold"


def test_a_late_review_goes_on_beyond_the_goal_with_its_words() -> None:
    facts = bar()
    late = ClockFacts(
        received=facts.received,
        goal=facts.goal,
        as_of=facts.goal + timedelta(days=3),
        spans=(
            *facts.spans,
            ClockSpan(kind="run", start=facts.as_of, end=facts.goal),
            ClockSpan(kind="late", start=facts.goal, end=facts.goal + timedelta(days=3)),
        ),
    )
    picture = clock_bar(late, "clock")
    assert "3 days late" in [words for *_, words in labels(picture)]
    assert "3 days late." in clock_description(late)
    assert_no_labels_meet(picture)


@given(
    held_from=st.integers(0, 14),
    held=st.integers(1, 60),
    as_of=st.integers(75, 89),
    days=st.lists(st.integers(0, 90), max_size=7),
    width=st.sampled_from([1200, 800, 648]),
)
def test_no_two_labels_of_a_clock_meet(
    held_from: int, held: int, as_of: int, days: list[int], width: float
) -> None:
    facts = bar(held_from, held, min(as_of, 30 + held))
    marks = tuple(
        ClockMilestone(
            on=min(RECEIVED + timedelta(days=days_in), facts.goal), label="Reviews signed", state="to_come"
        )
        for days_in in set(days)
    )
    assert_no_labels_meet(clock_bar(bar(held_from, held, min(as_of, 30 + held), marks), "clock", width))


def test_the_clocks_table_is_in_order_and_complete() -> None:
    mark = ClockMilestone(on=date(2026, 3, 26), label="Mid-cycle", state="next")
    rows = clock_rows(bar(milestones=(mark,)))
    assert rows == [
        ("Mon 2 Mar 2026", "Filing received"),
        ("Tue 10 Mar 2026", "Clock held for 9 days"),
        ("Wed 25 Mar 2026", "Today"),
        ("Thu 26 Mar 2026", "Mid-cycle, next"),
        ("Fri 10 Apr 2026", "Goal"),
    ]


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        ("0.292", "0.423", "crosses the tier 3 line, so tier 3 cannot be ruled out"),
        ("0.41", "0.52", "lies above the tier 3 line"),
        ("0.10", "0.30", "stays below the tier 3 line"),
        (None, None, "gives no interval, so nothing is ruled out"),
        ("0.30", "0.40", "crosses the tier 3 line, so tier 3 cannot be ruled out"),
        ("0.35", None, "crosses the tier 3 line, so tier 3 cannot be ruled out"),
    ],
)
def test_the_sentence_is_made_from_the_interval_and_its_line(
    low: str | None, high: str | None, says: str
) -> None:
    assert interval_sentences(chart(row("0.35", low, high))) == f"With safeguards off, EV-07 {says}."


def test_a_line_that_must_be_kept_stays_open_when_crossed() -> None:
    says = interval_sentences(chart(row("0.95", "0.90", "0.98", "residual"), line="0.92", sense="at_least"))
    assert says == "As deployed, EV-07 crosses the tier 3 line, so it stays open whether the line is kept."


def test_a_bound_prints_the_digits_that_decide() -> None:
    threshold = Threshold(label="tier 3 line", value="0.25", named="before")
    assert value_words(row("0.310", "0.24999", "0.377"), threshold) == ("0.310", "(0.24999 to 0.377)")
    assert value_words(row("0.310", "0.250", "0.377"), threshold) == ("0.310", "(0.250 to 0.377)")


def test_a_value_without_interval_has_a_mark_but_no_whiskers() -> None:
    picture = interval_chart(chart(row("0.1", None, None)), "c")
    root = ET.fromstring(picture)
    assert len(list(root.iter(f"{SVG}circle"))) == 1
    assert not [node for node in root.iter(f"{SVG}line") if node.get("stroke") == "#162e51"]
    assert "(no interval)" in [words for *_, words in labels(picture)]


def test_the_shapes_tell_elicited_residual_and_comparator_apart() -> None:
    marks: tuple[Mark, ...] = ("elicited", "residual", "comparator")
    root = ET.fromstring(interval_chart(chart(*(row("0.1", "0.05", "0.2", mark) for mark in marks)), "c"))
    assert [len(list(root.iter(SVG + name))) for name in ("circle", "path", "rect")] == [1, 1, 1]


@pytest.mark.parametrize("width", [822, 720, 368])
@pytest.mark.parametrize("line", ["0.02", "0.40", "0.98"])
def test_no_two_labels_of_an_interval_chart_meet(width: float, line: str) -> None:
    picture = interval_chart(
        chart(row("0.355", "0.292", "0.423"), row("0.9", None, None), line=line), "c", width
    )
    assert_no_labels_meet(picture)


def test_a_proportion_axis_says_where_it_is_cut() -> None:
    words = [words for *_, words in labels(interval_chart(chart(row("0.355", "0.292", "0.423")), "c"))]
    assert "Proportion; axis cut at 0.5" in words
    assert {"0.0", "0.1", "0.5"} <= set(words)


def test_every_number_of_the_chart_stands_in_its_table() -> None:
    assert interval_rows(chart(row("0.355", "0.292", "0.423"))) == [
        ["EV-07", "VulnHunt", "what", "0.355", "0.292 to 0.423", "tier 3 line, set beforehand: 0.40"]
    ]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert clock_bar(bar(), "clock") == clock_bar(bar(), "clock")
    assert interval_chart(chart(row("0.1", "0", "0.2")), "c") == interval_chart(
        chart(row("0.1", "0", "0.2")), "c"
    )


def test_squares_say_each_discipline_and_state() -> None:
    picture = discipline_squares(
        [Square(discipline="Cyber", state="late"), {"discipline": "CBRN", "state": "signed"}], "squares"
    )
    assert "Cyber late; CBRN signed" in picture


@pytest.mark.parametrize(("value", "words"), [("0.03", "within"), ("0.17", "above")])
def test_a_share_is_within_or_above_its_limit_in_words(value: str, words: str) -> None:
    assert f"{value} is {words} the limit 0.10." in limit_bar(value, "0.10", "limit")


def test_hostile_words_stay_words() -> None:
    picture = interval_chart(chart(row("0.1", "0", "0.2", item="<script>")), "c")
    assert "<script>" not in picture
    assert not re.search(r"on\w+=", picture)


def test_a_life_line_keeps_near_dates_apart() -> None:
    points = [
        LifePoint(on=date(2026, 3, 18), label="decided", reached=True),
        LifePoint(on=date(2026, 3, 25), label="condition 2 starts", reached=False),
        LifePoint(on=date(2026, 9, 18), label="ends by itself", reached=False),
    ]
    picture = life_line(points, "life")
    assert_no_labels_meet(picture)
    assert "Fri 18 Sep 2026: ends by itself" in picture


def test_the_bar_of_a_reading_is_what_the_clock_counts() -> None:
    events = [
        ClockEvent(kind=ClockKind.START, on=RECEIVED),
        ClockEvent(kind=ClockKind.STOP, on=date(2026, 3, 10), reason="IR-01", hold="IR-01"),
        ClockEvent(kind=ClockKind.RESUME, on=date(2026, 3, 19), reason="IR-01", hold="IR-01"),
    ]
    facts = facts_of(reading(events, 30, date(2026, 3, 25)))
    assert [(span.kind, span.days) for span in facts.spans] == [("run", 8), ("held", 9), ("run", 6)]
    assert facts.goal == date(2026, 4, 10)
    held = facts_of(reading(events[:2], 30, date(2026, 3, 14)))
    assert held.goal_words == "If answered today"
    decided = facts_of(
        reading([*events, ClockEvent(kind=ClockKind.END, on=date(2026, 4, 10))], 30, date(2026, 5, 1))
    )
    assert decided.flag == "Decided, day 30"
    assert decided.as_of == date(2026, 4, 10)
