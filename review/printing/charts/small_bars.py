"""Small bars that stand in a line of text: how much is answered, and a share against its limit."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from review.printing.charts import svg


def progress_bar(done: int, total: int) -> Markup:
    """How much of a whole is done, as the browser's own progress element; the words stand beside it."""
    return Markup('<progress class="progress" max="{}" value="{}" aria-label="{} of {}"></progress>').format(
        max(total, 1), done, done, total
    )


def limit_bar(value: str, limit: str, chart_id: str, policy: str | None = None, width: float = 180) -> Markup:
    """A share from 0 to 1 (decimal strings) against its limit, drawn from 0 to twice the limit.

    A share beyond the end of the scale fills it; the number beside the bar says how much it is.
    """
    share, bound = Decimal(value), Decimal(limit)
    end = bound * 2 or Decimal(1)
    filled = float(min(share / end, Decimal(1))) * width
    mark = float(bound / end) * width
    label = f"limit {limit}" + (f", policy {policy}" if policy else "")
    over = share > bound
    parts = [
        svg.rectangle(0, 4, width, 8, svg.HAIRLINE),
        svg.rectangle(0, 4, filled, 8, svg.ALERT if over else svg.CHART_INK),
        svg.line(mark, 0, mark, 18, svg.ALERT, 2),
        svg.text(mark + 4, 28, label, fill=svg.ALERT),
    ]
    whole = max(width, mark + 6 + svg.text_width(label))
    words = f"{value} is {'above' if over else 'within'} the {label}."
    return svg.picture(chart_id, whole, 32, "Share against its limit", words, parts)
