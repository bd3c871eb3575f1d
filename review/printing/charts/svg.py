"""Building blocks of a chart: elements with attributes, text at 13 px, and how wide a text is.

The policy of our pages forbids `style=`; a test holds that no chart uses it.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from review.printing.charts.letter_widths import BOLD, DIGIT, OTHER, POINT, REGULAR

INK = "#1b1b1b"
AXIS_TEXT = "#3d4551"
QUIET = "#565c65"
EDGE = "#71767a"
GRID = "#e6e7e9"
HAIRLINE = "#dfe1e2"
PRIMARY = "#005ea2"
CHART_INK = "#162e51"
E2_FILL = "#4a77b4"
E3_FILL = "#d9e8f6"
ALERT = "#b50909"
COMPARATOR = "#a9aeb1"
WHITE = "#ffffff"

TEXT_SIZE = 13
FAMILY = "Source Sans Pro Web, Public Sans, Helvetica, Arial, sans-serif"


def text_width(words: str, size: float = TEXT_SIZE, bold: bool = False) -> float:
    """The width of `words` in chart units, in Public Sans with tabular figures.

    Measured letter by letter without kerning, so it errs a little to the wide side.
    """
    widths = BOLD if bold else REGULAR
    units = sum(
        DIGIT if letter.isdigit() else POINT if letter in ".," else widths.get(letter, OTHER)
        for letter in words
    )
    return units * size / 1000


def coordinate(value: float) -> str:
    """A coordinate with at most two decimals: short, and the same bytes on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(value) < 0.005 else _short(value)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def element(name: str, content: str | Markup = "", **attributes: str | float | int | None) -> Markup:
    """One SVG element. Underscores in names become hyphens; attributes with value None are left out."""
    written = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), coordinate(value) if isinstance(value, int | float) else value
        )
        for key, value in attributes.items()
        if value is not None
    )
    if not content:
        return Markup("<{}{}/>").format(name, written)
    return Markup("<{}{}>{}</{}>").format(name, written, content, name)


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    italic: bool = False,
    fill: str = AXIS_TEXT,
    size: float = TEXT_SIZE,
) -> Markup:
    """A line of text on its baseline; `anchor` is start, middle or end."""
    return element(
        "text",
        escape(words),
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        font_weight="700" if bold else None,
        font_style="italic" if italic else None,
        font_size=None if size == TEXT_SIZE else size,
        fill=fill,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, dash: str | None = None
) -> Markup:
    """A straight stroke."""
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash
    )


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    stroke: str | None = None,
    stroke_width: float = 1,
) -> Markup:
    """A box, with an edge where a grey printer or forced colors need one."""
    return element(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        fill=fill,
        stroke=stroke,
        stroke_width=stroke_width if stroke else None,
    )


def hatch(pattern_id: str) -> Markup:
    """The pattern that means the lab's time. Each picture has its own: a pattern in a hidden picture paints nothing."""
    ground = element("rect", width=6, height=6, fill=WHITE)
    stroke = element(
        "path", d="M-1.5 1.5 1.5-1.5M0 6 6 0M4.500 7.500 7.500 4.500", stroke=EDGE, stroke_width=1.6
    )
    pattern = element(
        "pattern", ground + stroke, id=pattern_id, width=6, height=6, patternUnits="userSpaceOnUse"
    )
    return element("defs", pattern)


def picture(
    chart_id: str, width: float, height: float, title: str, description: str, parts: Iterable[Markup]
) -> Markup:
    """A whole chart at its real size, named and described for those who do not see it."""
    title_id, description_id = f"{chart_id}-title", f"{chart_id}-desc"
    named = element("title", escape(title), id=title_id) + element(
        "desc", escape(description), id=description_id
    )
    return element(
        "svg",
        named + Markup("").join(parts),
        id=chart_id,
        role="img",
        aria_labelledby=f"{title_id} {description_id}",
        width=width,
        height=height,
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        font_family=FAMILY,
        font_size=TEXT_SIZE,
        xmlns="http://www.w3.org/2000/svg",
    )
