"""Evidence as its pages show it: rows of a table, charts of one kind of measure each, sentences made by rule."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for

from review.casefile.shape import EvidenceLine, MeasurementLine
from review.printing.charts import measures
from review.printing.charts.interval_chart import interval_chart
from review.rules.evidence import (
    GradeLetter,
    MetricType,
    Safeguards,
    elicitation_of,
    executor_of,
    safeguards_of,
)
from review.rules.evidence_words import Method
from review.rules.intervals import number_text
from review.rules.vocabulary import Domain

SHARES = frozenset({MetricType.PROPORTION.value, MetricType.PASS_AT_K.value})
MOST_SUITES = 8


def standing(line: EvidenceLine) -> bool:
    """Whether the numbers of an item are results: not withdrawn, its run finished."""
    return line.item.withdrawn is None and line.grade.letter is not GradeLetter.NONE


def best_first(lines: Iterable[EvidenceLine]) -> list[EvidenceLine]:
    order = list(GradeLetter)
    return sorted(lines, key=lambda x: (not standing(x), order.index(x.grade.letter), x.item.number))


def table_rows(case: str, lines: Sequence[EvidenceLine], domain: str = "") -> list[dict[str, Any]]:
    """One row for each measurement, or for an item without any; best grade first."""
    return [row for line in best_first(lines) for row in _item_rows(case, line, domain)]


def _item_rows(case: str, line: EvidenceLine, domain: str) -> Iterable[dict[str, Any]]:
    item, given = line.item, line.item.attributes
    elicitation = elicitation_of(str(given.get("elicitation_level") or ""))
    safeguards = safeguards_of(str(given.get("safeguards_state") or ""))
    executor = executor_of(str(given.get("executor") or ""))
    method = str(given.get("method") or "")
    shared = {
        "id": item.number,
        "href": url_for("agency.item", case_id=case, number=item.number, domain=domain or None),
        "suite": item.title,
        "method": Method(method).label if method in list(Method) else "Method not disclosed",
        "elicitation": elicitation.label if elicitation else "Not disclosed",
        "safeguards": safeguards.label if safeguards else "Safeguards not disclosed",
        "run_by": executor.label if executor else "Not disclosed",
        "grade": None if line.grade.letter is GradeLetter.NONE else line.grade.letter.value,
        "n": "–",
        "value_word": "text",
        "low": None,
        "high": None,
    }
    if not standing(line):
        words = (
            f"Withdrawn: {item.withdrawn}"
            if item.withdrawn
            else "Kept in the record, never used as a result."
        )
        label = "Withdrawn" if item.withdrawn else f"Run {item.status}"
        yield {**shared, "note": {"label": label, "text": words}}
        return
    if not line.lines:
        yield shared
    for place, one in enumerate(line.lines):
        yield {
            **shared,
            "row_id": f"{item.number}-{place + 1}",
            "first": place == 0,
            "suite": one.measurement.benchmark or item.title,
            "metric": one.measurement.metric,
            "n": f"{one.measurement.n:,}" if one.measurement.n is not None else "not disclosed",
            "value": number_text(one.measurement.value),
            "value_word": None,
            "low": one.interval.low if one.interval else None,
            "high": one.interval.high if one.interval else None,
        }


def shares_chart(lines: Sequence[EvidenceLine], *, short: bool = False) -> measures.IntervalChart | None:
    """The shares of these items as one chart, by suite; other kinds of measure stand in the table."""
    suites = _suites(lines, short)[:MOST_SUITES]
    if not suites:
        return None
    return measures.IntervalChart(
        suites=tuple(suites),
        axis_title="Share of attempts" if short else "Proportion of attempts that succeeded (95% interval)",
    )


def picture(lines: Sequence[EvidenceLine], name: str) -> dict[str, Any] | None:
    """A chart ready for its macro: wide, narrow, its sentence and its table."""
    chart = shares_chart(lines)
    if chart is None:
        return None
    return {
        "wide": interval_chart(chart, f"{name}-wide", 822),
        "narrow": interval_chart(chart, f"{name}-narrow", 368),
        "sentence": measures.interval_sentences(chart),
        "rows": measures.interval_rows(chart),
        "heads": measures.interval_heads(),
    }


def small_picture(lines: Sequence[EvidenceLine], name: str) -> Any:
    """A small chart of one item or domain, 368 wide; None where there is no share to draw."""
    chart = shares_chart(lines)
    return interval_chart(chart, name, 368) if chart is not None else None


def domain_panels(case: str, lines: Sequence[EvidenceLine]) -> list[dict[str, Any]]:
    """One panel for each domain that has evidence: squares by grade, sentence, picture, what is not drawn."""
    panels = []
    for domain in Domain:
        own = best_first(line for line in lines if line.item.domain is domain)
        if not own:
            continue
        chart = shares_chart(own, short=True)
        drawn = {row.item for suite in chart.suites for row in suite.rows} if chart else set()
        rest = [_not_drawn(line) for line in own if line.item.number not in drawn]
        panels.append(
            {
                "title": domain.label,
                "id": f"domain-{domain.value.lower()}",
                "grades": [
                    "cancelled" if line.grade.letter is GradeLetter.NONE else line.grade.letter.value
                    for line in own
                ],
                "items_label": f"{len(own)} item{'' if len(own) == 1 else 's'}",
                "href": url_for("agency.evidence", case_id=case, domain=domain.value),
                "sentence": measures.interval_sentences(chart) if chart else "No share of attempts to draw.",
                "pictures": [interval_chart(chart, f"chart-{domain.value.lower()}", 368, stacked=False)]
                if chart
                else [],
                "not_drawn": f"Not drawn: {', '.join(rest)}." if rest else None,
            }
        )
    return panels


def _not_drawn(line: EvidenceLine) -> str:
    if line.item.withdrawn is not None:
        return f"{line.item.number} withdrawn"
    if line.grade.letter is GradeLetter.NONE:
        return f"{line.item.number} {line.item.status}"
    return f"{line.item.number} text" if not line.lines else f"{line.item.number} other measure"


def _suites(lines: Sequence[EvidenceLine], short: bool) -> list[measures.Suite]:
    found: dict[tuple[str, str, str], list[measures.IntervalRow]] = {}
    for line in lines:
        if not standing(line):
            continue
        for one in line.lines:
            if _is_share(line, one):
                line_value = one.measurement.threshold or ""
                known = line_value if _number(line_value) is not None else ""
                found.setdefault((one.measurement.benchmark, one.measurement.metric, known), []).append(
                    _row(line, one, short)
                )
    return [
        measures.Suite(
            title=f"{benchmark}, {metric}",
            rows=tuple(rows[:12]),
            threshold=measures.Threshold(label="line", value=value, named="unknown") if value else None,
        )
        for (benchmark, metric, value), rows in found.items()
    ]


def _row(line: EvidenceLine, one: MeasurementLine, short: bool) -> measures.IntervalRow:
    safeguards = safeguards_of(str(line.item.attributes.get("safeguards_state") or ""))
    subject = line.item.match is None or line.item.match.is_subject
    deployed = safeguards in (Safeguards.AS_DEPLOYED, Safeguards.AS_DEPLOYED_UNDER_ATTACK)
    mark: measures.Mark = "comparator" if not subject else "residual" if deployed else "elicited"
    label = (
        (safeguards.label.lower() if safeguards else "") if subject else (line.item.subject or "comparator")
    )
    grade = "" if line.grade.letter is GradeLetter.NONE else line.grade.letter.value
    return measures.IntervalRow(
        item=line.item.number,
        label="" if short else label[:36],
        mark=mark,
        value=one.measurement.value,
        low=one.interval.low if one.interval else None,
        high=one.interval.high if one.interval else None,
        grade=grade,
        shown=_shown(one) if short else "",
    )


def _shown(one: MeasurementLine) -> str:
    """`0.355, n 200`: what a small chart prints beside a row."""
    value = number_text(one.measurement.value)
    return f"{value}, n {one.measurement.n:,}" if one.measurement.n is not None else value


def _is_share(line: EvidenceLine, one: MeasurementLine) -> bool:
    kind = one.measurement.metric_type or line.item.attributes.get("metric_type")
    value = _number(one.measurement.value)
    return kind in SHARES and value is not None and 0 <= value <= 1


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
