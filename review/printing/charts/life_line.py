"""How long a decision holds, as a line with a few dates: decided, what starts, when it ends by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from markupsafe import Markup

from review.printing.charts import svg
from review.printing.filters import day_words

LINE_Y, FIRST_ROW, SECOND_ROW = 10.0, 32.0, 49.0
SHIFT = 48.0


class LifePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A date on the line: `label` is two or three words; `reached` says whether it lies behind us."""

    on: date
    label: str
    reached: bool


def life_line(points: Sequence[LifePoint], chart_id: str, width: float = 340, dark: bool = True) -> Markup:
    """The line at its real size; `dark` is for the navy head of a public page. Oldest first.

    Labels hang below their point; one that would meet the one before moves aside a little, else drops by two rows.
    """
    ink, ground, line_ink = (
        (svg.WHITE, svg.CHART_INK, "#73b3e7") if dark else (svg.INK, svg.WHITE, svg.PRIMARY)
    )
    ordered = sorted(points, key=lambda point: point.on)
    first, last = ordered[0].on, ordered[-1].on
    days = max((last - first).days, 1)
    parts = [svg.line(6, LINE_Y, width - 6, LINE_Y, line_ink, 2)]
    taken_until = [-SHIFT]
    for point in ordered:
        x = 6 + (point.on - first).days / days * (width - 12)
        words = (
            day_words(point.on, weekday=False, year=point.on.year != first.year or point.on == last),
            point.label,
        )
        room = max(svg.text_width(each) for each in words)
        wanted = min(max(x - 6, 0), width - room)
        level = next(
            (place for place, end in enumerate(taken_until) if end + 10 - wanted <= SHIFT), len(taken_until)
        )
        left = max(wanted, taken_until[level] + 10) if level < len(taken_until) else wanted
        taken_until[level:] = [left + room, *taken_until[level + 1 :]]
        drop = level * 40
        if drop:
            parts.append(svg.line(x, LINE_Y + 6, x, LINE_Y + drop + 10, line_ink))
        parts.append(svg.text(left, FIRST_ROW + drop, words[0], fill=ink))
        parts.append(svg.text(left, SECOND_ROW + drop, words[1], fill=ink))
        parts.append(
            svg.element(
                "circle",
                cx=x,
                cy=LINE_Y,
                r=5,
                fill=ink if point.reached else ground,
                stroke=ink,
                stroke_width=2,
            )
        )
    description = "; ".join(f"{day_words(point.on)}: {point.label}" for point in ordered)
    height = SECOND_ROW + (len(taken_until) - 1) * 40 + 6
    return svg.picture(chart_id, width, height, "In force", description, parts)
