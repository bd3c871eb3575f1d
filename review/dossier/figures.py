"""Evidence as a dossier prints it: rows by domain, best grade first, and one chart of intervals for each domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

import msgspec
from markupsafe import Markup

from review.casefile.shape import EvidenceLine, MeasurementLine
from review.printing.charts import measures
from review.printing.charts.interval_chart import interval_chart
from review.printing.filters import interval, number
from review.rules.evidence import (
    GradeLetter,
    MetricType,
    Safeguards,
    elicitation_of,
    executor_of,
    safeguards_of,
)
from review.rules.evidence_words import Method
from review.rules.vocabulary import Domain

WIDTH = 740.0
PLACES = 3
SHARES = (MetricType.PROPORTION.value, MetricType.PASS_AT_K.value)
MOST_ROWS = 24
"""A chart longer than this does not fit on a page; it is cut by suites."""


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the evidence table: a measurement, or an item without one."""

    number: str
    anchor: str
    first: bool
    suite: str
    metric: str
    elicitation: str
    safeguards: str
    run_by: str
    count: str
    value: str
    interval: str
    reaches: str
    grade: str
    note: str = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with the sentence that its numbers make by rule."""

    picture: Markup
    sentence: str


class DomainEvidence(msgspec.Struct, frozen=True, kw_only=True):
    domain: Domain
    rows: tuple[EvidenceRow, ...]
    figures: tuple[Figure, ...]
    items: tuple[EvidenceLine, ...]


def by_domain(lines: Sequence[EvidenceLine]) -> tuple[DomainEvidence, ...]:
    """The evidence in the order of the domains, best grade first within each."""
    found = []
    for domain in Domain:
        own = sorted(
            (line for line in lines if line.item.domain is domain),
            key=lambda line: (line.item.withdrawn is not None, _rank(line), line.item.number),
        )
        if own:
            found.append(
                DomainEvidence(
                    domain=domain,
                    rows=tuple(row for line in own for row in _rows(line)),
                    figures=tuple(_figures(domain, own)),
                    items=tuple(sorted(own, key=lambda line: line.item.number)),
                )
            )
    return tuple(found)


def _rank(line: EvidenceLine) -> int:
    return list(GradeLetter).index(line.grade.letter)


def _rows(line: EvidenceLine) -> Iterable[EvidenceRow]:
    shared = _shared(line)
    note = _note(line)
    if note or not line.lines:
        yield EvidenceRow(
            **shared,
            first=True,
            metric="",
            count="",
            value="",
            interval="",
            reaches="",
            note=note or "No number is confirmed.",
        )
        return
    for place, one in enumerate(line.lines):
        measured = one.measurement
        yield EvidenceRow(
            **{**shared, "suite": measured.benchmark or shared["suite"]},
            first=place == 0,
            metric=", ".join(each for each in (measured.metric, measured.scorer, measured.filter) if each),
            count=one.count,
            value=number(one.measurement.value, PLACES)
            if _number(one.measurement.value) is not None
            else one.measurement.value,
            interval=interval(one.interval.low, one.interval.high, PLACES) if one.interval else "no interval",
            reaches=_against_line(one),
        )


def _shared(line: EvidenceLine) -> dict[str, str]:
    """What all rows of an item say."""
    given = line.item.attributes
    elicitation = elicitation_of(str(given.get("elicitation_level") or ""))
    safeguards = safeguards_of(str(given.get("safeguards_state") or ""))
    executor = executor_of(str(given.get("executor") or ""))
    method = str(given.get("method") or "")
    suite = " ".join(str(given.get(key) or "") for key in ("suite_name", "suite_version")).strip()
    return {
        "number": line.item.number,
        "anchor": f"item-{line.item.id}",
        "suite": suite or line.item.title,
        "elicitation": elicitation.value if elicitation else "Not disclosed",
        "safeguards": safeguards.label
        if safeguards
        else (Method(method).label if method in list(Method) else ""),
        "run_by": executor.label if executor else "Not disclosed",
        "grade": "" if line.grade.letter is GradeLetter.NONE else line.grade.letter.value,
    }


def _note(line: EvidenceLine) -> str:
    if line.item.withdrawn is not None:
        return f"Withdrawn: {line.item.withdrawn}"
    if line.grade.letter is GradeLetter.NONE:
        return f"Run {line.item.status}. Kept in the record, used nowhere."
    return ""


def _against_line(one: MeasurementLine) -> str:
    if not one.measurement.threshold:
        return ""
    said = f"line {one.measurement.threshold}"
    return f"{one.reaches}, {said}" if one.reaches else said


# Charts -----------------------------------------------------------------------------------------


def _figures(domain: Domain, lines: Sequence[EvidenceLine]) -> Iterable[Figure]:
    """Charts of the shares of one domain. Other measures stand in the table: kinds never share an axis."""
    suites = _suites(lines)
    while suites:
        taken, rows = 0, 0
        while taken < len(suites) and (taken == 0 or rows + len(suites[taken].rows) <= MOST_ROWS):
            rows += len(suites[taken].rows)
            taken += 1
        chart = measures.IntervalChart(
            suites=tuple(suites[:taken]), axis_title="Share that succeeded, with the 95% interval"
        )
        yield Figure(
            picture=interval_chart(chart, f"chart-{domain.value.lower()}-{len(suites)}", width=WIDTH),
            sentence=measures.interval_sentences(chart),
        )
        suites = suites[taken:]


def _suites(lines: Sequence[EvidenceLine]) -> list[measures.Suite]:
    """Measurements by benchmark and metric. A suite has a line where its items name one and the same."""
    found: dict[tuple[str, str], list[tuple[EvidenceLine, MeasurementLine]]] = {}
    for line in lines:
        if line.item.withdrawn is not None or line.grade.letter is GradeLetter.NONE:
            continue
        for one in line.lines:
            if _is_share(line, one):
                found.setdefault((one.measurement.benchmark, one.measurement.metric), []).append((line, one))
    return [_suite(f"{benchmark}, {metric}", rows[:MOST_ROWS]) for (benchmark, metric), rows in found.items()]


def _suite(title: str, rows: Sequence[tuple[EvidenceLine, MeasurementLine]]) -> measures.Suite:
    named = {
        one.measurement.threshold: line
        for line, one in rows
        if one.measurement.threshold and _number(one.measurement.threshold) is not None
    }
    threshold = None
    if len(named) == 1:
        value, line = next(iter(named.items()))
        before = bool(str(line.item.attributes.get("threshold") or "").strip())
        threshold = measures.Threshold(label="line", value=value, named="before" if before else "unknown")
    return measures.Suite(title=title, rows=tuple(_row(line, one) for line, one in rows), threshold=threshold)


def _is_share(line: EvidenceLine, one: MeasurementLine) -> bool:
    value = _number(one.measurement.value)
    kind = one.measurement.metric_type or line.item.attributes.get("metric_type")
    return kind in SHARES and value is not None and 0 <= value <= 1


def _row(line: EvidenceLine, one: MeasurementLine) -> measures.IntervalRow:
    safeguards = safeguards_of(str(line.item.attributes.get("safeguards_state") or ""))
    subject = line.item.match is None or line.item.match.is_subject
    mark: measures.Mark = "comparator"
    if subject:
        attacked = safeguards in (Safeguards.AS_DEPLOYED, Safeguards.AS_DEPLOYED_UNDER_ATTACK)
        mark = "residual" if attacked else "elicited"
    label = safeguards.label.lower() if safeguards else "safeguards not stated"
    if not subject:
        label = line.item.subject or "comparator"
    return measures.IntervalRow(
        item=line.item.number,
        label=label[:44],
        mark=mark,
        value=one.measurement.value,
        low=one.interval.low if one.interval else None,
        high=one.interval.high if one.interval else None,
    )


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
