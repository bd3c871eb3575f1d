"""One small square per thing: the six discipline reviews of a case, or the grades of its evidence.

Full, half, empty, red edge and dashed edge differ in shape, so the state survives grey print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from markupsafe import Markup

from review.printing.charts import svg

SquareState = Literal["signed", "stated", "in_work", "late", "not_open"]
STATE_WORDS: dict[SquareState, str] = {
    "signed": "signed",
    "stated": "position stated",
    "in_work": "in work",
    "late": "late",
    "not_open": "not opened yet",
}
GRADE_PAINT: dict[str, tuple[str, str, str | None]] = {
    "E1": (svg.CHART_INK, svg.CHART_INK, None),
    "E2": (svg.E2_FILL, svg.E2_FILL, None),
    "E3": (svg.E3_FILL, svg.E2_FILL, None),
    "E4": (svg.WHITE, svg.QUIET, "2 1.500"),
}
SIDE, GAP = 14.0, 4.0


class Square(msgspec.Struct, frozen=True, kw_only=True):
    """The review of one discipline and how far it is."""

    discipline: str
    state: SquareState


def discipline_squares(squares: Sequence[object], chart_id: str) -> Markup:
    """One square for each review, in the order given. Takes `Square`s or anything with the same fields."""
    known = [msgspec.convert(square, Square, from_attributes=True) for square in squares]
    parts = [_square(square.state, 1 + place * (SIDE + GAP)) for place, square in enumerate(known)]
    words = "; ".join(f"{each.discipline} {STATE_WORDS[each.state]}".strip() for each in known)
    width = len(known) * (SIDE + GAP) - GAP + 2
    return svg.picture(chart_id, width, SIDE + 2, "Reviews", words, parts)


def grade_squares(grades: Sequence[str], chart_id: str) -> Markup:
    """One square for each evidence item: E1 to E4, or `cancelled`. Small, beside the word that counts them."""
    side, gap = 10.0, 3.0
    parts = []
    for place, grade in enumerate(grades):
        x = 1 + place * (side + gap)
        fill, stroke, dash = GRADE_PAINT.get(grade, (svg.WHITE, svg.EDGE, None))
        parts.append(
            svg.element(
                "rect", x=x, y=1, width=side, height=side, fill=fill, stroke=stroke, stroke_dasharray=dash
            )
        )
        if grade not in GRADE_PAINT:
            parts.append(svg.line(x + 1.5, side - 0.5, x + side - 1.5, 2.5, svg.EDGE, 1.2))
    width = max(len(grades) * (side + gap) - gap + 2, 2)
    return svg.picture(chart_id, width, side + 2, "Grades", ", ".join(grades) or "no evidence", parts)


def _square(state: SquareState, x: float) -> Markup:
    """Signed: full with a check. Stated: half. In work: empty. Late: red edge and mark. Not open: dashed edge."""
    edge = {"late": svg.ALERT, "in_work": svg.EDGE, "not_open": svg.EDGE}.get(state, svg.CHART_INK)
    box = svg.element(
        "rect",
        x=x + 0.75,
        y=1.75,
        width=SIDE - 1.5,
        height=SIDE - 1.5,
        rx=1.5,
        fill=svg.CHART_INK if state == "signed" else svg.WHITE,
        stroke=edge,
        stroke_width=1.5,
        stroke_dasharray="2.500 2" if state == "not_open" else None,
    )
    marks = {
        "signed": svg.element(
            "path",
            d=f"M{svg.coordinate(x + 3.5)} 8.200l2.500 2.600 4.600-5.400",
            fill="none",
            stroke=svg.WHITE,
            stroke_width=1.8,
        ),
        "stated": svg.element("path", d=f"M{svg.coordinate(x + 1)} 2v12h12z", fill=svg.CHART_INK),
        "late": svg.element(
            "path",
            d=f"M{svg.coordinate(x + 7)} 4.500v4.500M{svg.coordinate(x + 7)} 10.500v1.700",
            stroke=svg.ALERT,
            stroke_width=1.8,
        ),
    }
    return box + marks.get(state, Markup(""))
