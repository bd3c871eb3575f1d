"""The axis of an interval chart: where it starts and ends, and which round numbers stand on it."""

from __future__ import annotations

import math
from decimal import Decimal

import msgspec

from review.printing.charts import svg
from review.printing.charts.measures import IntervalChart
from review.printing.filters import number

ROUND_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
TICK_GAP = 14.0


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers onto chart units. `low` and `high` are the ends; `in_factors` spaces equal factors equally."""

    left: float
    right: float
    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    title: str
    in_factors: bool = False

    def x(self, value: str | Decimal) -> float:
        """Where a number lies; one beyond an end lies on the end."""
        exact = min(max(Decimal(value), self.low), self.high)
        if self.in_factors:
            share = math.log(exact / self.low) / math.log(self.high / self.low)
        else:
            share = float((exact - self.low) / (self.high - self.low))
        return self.left + share * (self.right - self.left)

    def words(self, tick: Decimal) -> str:
        """A tick with as many places as its neighbors, or plain on a scale of factors."""
        if self.in_factors:
            return number(tick.normalize() if tick < 1 else tick.quantize(Decimal(1)))
        return number(tick, max(-int(each.normalize().as_tuple().exponent) for each in self.ticks))


def axis_for(chart: IntervalChart, left: float, right: float) -> Axis:
    """An axis that holds every number of the chart, starting at zero (at a round number on a scale of factors)."""
    numbers = list(chart.numbers()) or [Decimal(1)]
    if chart.axis_end is not None:
        numbers = [min(numbers), Decimal(chart.axis_end)]
    if chart.scale == "factor":
        return _factor_axis(chart, numbers, left, right)
    step, high = _linear_end(max(numbers), chart.scale == "proportion")
    high = Decimal(chart.axis_end) if chart.axis_end is not None else high
    while len(_ticks(step, high)) > 2 and _crowded(_ticks(step, high), left, right):
        step *= 2
    cut = chart.scale == "proportion" and high < 1
    title = f"{chart.axis_title}; axis cut at {number(high.normalize())}" if cut else chart.axis_title
    return Axis(left=left, right=right, low=Decimal(0), high=high, ticks=_ticks(step, high), title=title)


def _linear_end(largest: Decimal, proportion: bool) -> tuple[Decimal, Decimal]:
    """A round step and the first multiple of it above the largest number; a proportion ends at 1."""
    if proportion:
        step = Decimal("0.1") if largest > Decimal("0.2") else Decimal("0.05")
        high = min((largest / step).to_integral_value("ROUND_FLOOR") * step + step, Decimal(1))
        return step, high
    magnitude = Decimal(10) ** (max(largest, Decimal("0.001")).adjusted() - 1)
    step = next(each * magnitude * 2 for each in ROUND_STEPS if each * magnitude * 2 * 6 >= largest)
    return step, (largest / step).to_integral_value("ROUND_FLOOR") * step + step


def _ticks(step: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    return tuple(step * place for place in range(int(high / step) + 1))


def _crowded(ticks: tuple[Decimal, ...], left: float, right: float) -> bool:
    room = (right - left) / max(len(ticks) - 1, 1)
    return any(svg.text_width(number(tick)) + TICK_GAP > room for tick in ticks)


def _factor_axis(chart: IntervalChart, numbers: list[Decimal], left: float, right: float) -> Axis:
    """Powers of two for a narrow range, of ten for a wide one."""
    positive = [each for each in numbers if each > 0] or [Decimal(1)]
    smallest, largest = min(positive), max(positive)
    base = 2 if largest / smallest <= 64 else 10
    first = math.floor(math.log(smallest, base) - 0.001)
    last = math.ceil(math.log(largest, base) + 0.001)
    ticks = tuple(Decimal(base) ** power for power in range(first, last + 1))
    return Axis(
        left=left,
        right=right,
        low=ticks[0],
        high=ticks[-1],
        ticks=ticks,
        title=chart.axis_title,
        in_factors=True,
    )
