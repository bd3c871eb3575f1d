"""A finding as a form: what is found, on which evidence, how sure, and how else it could be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from forms.posted import Posted, Problem, text, word
from review.rules import evidence
from review.rules.entities import Citation, EvidenceItem, Finding
from review.rules.given import FindingGiven
from review.rules.vocabulary import Discipline, Domain, Severity

DOMAIN_OF: dict[Discipline, Domain] = {
    Discipline.CYBER: Domain.CYBER,
    Discipline.CBRN: Domain.CBRN,
    Discipline.AUTONOMY: Domain.AUTONOMY,
    Discipline.SAFEGUARDS_SECURITY: Domain.SAFEGUARDS,
    Discipline.SOCIETAL_MANIPULATION: Domain.MANIPULATION,
    Discipline.DEPLOYMENT_ACCESS: Domain.GENERAL,
}
"""The domain that a discipline's findings mostly concern."""


class Citable(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement, or an item as a whole, that a finding may cite. `key` is what the form posts."""

    key: str
    item: EvidenceItem
    label: str
    value: str
    locator: str
    sha256: str
    grade: str

    def citation(self, locator: str) -> Citation:
        return Citation(
            evidence_id=self.item.id,
            number=self.item.number,
            sha256=self.sha256,
            locator=locator,
            value=self.value,
        )


def citable(items: Sequence[EvidenceItem]) -> tuple[Citable, ...]:
    """Everything that may be cited: each confirmed measurement, then each item; withdrawn items not."""
    return tuple(one for item in items if item.withdrawn is None and item.files for one in _of_item(item))


def _of_item(item: EvidenceItem) -> Iterator[Citable]:
    grade = evidence.grade_of_item(item).letter.label
    for place, one in enumerate(item.measurements):
        shown = evidence.interval_of_measured(one, item.attributes).shown
        value = evidence.value_text(one.value, shown)
        yield Citable(
            key=f"{item.number}-m{place + 1}",
            item=item,
            label=f"{one.benchmark}, {one.metric}",
            value=value,
            locator=one.pointer or "the measurement",
            sha256=item.files[0].sha256,
            grade=grade,
        )
    for place, file in enumerate(item.files):
        yield Citable(
            key=f"{item.number}-f{place + 1}",
            item=item,
            label=file.name,
            value="",
            locator="",
            sha256=file.sha256,
            grade=grade,
        )


class FindingForm(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as typed. `cited` maps what is cited to where in it; `target` is the finding revised."""

    discipline: Discipline
    statement: str = ""
    severity: Severity | None = None
    domain: Domain
    tier: str = ""
    uncertainty: str = ""
    alternative_reading: str = ""
    cited: dict[str, str] = {}
    target: str | None = None
    problems: tuple[Problem, ...] = ()

    def given(self, among: Sequence[Citable]) -> FindingGiven:
        """The act's value. Only of a form without problems."""
        assert self.severity is not None
        known = {one.key: one for one in among}
        return FindingGiven(
            discipline=self.discipline,
            statement=self.statement,
            severity=self.severity,
            domain=self.domain,
            tier=int(self.tier) if self.tier else None,
            citations=tuple(
                known[key].citation(locator) for key, locator in self.cited.items() if key in known
            ),
            uncertainty=self.uncertainty,
            alternative_reading=self.alternative_reading,
            target=self.target,
        )


def empty(discipline: Discipline) -> FindingForm:
    return FindingForm(discipline=discipline, domain=DOMAIN_OF[discipline])


def stored(finding: Finding, among: Sequence[Citable]) -> FindingForm:
    """The form of a finding that is being revised."""
    return FindingForm(
        discipline=finding.discipline,
        statement=finding.statement,
        severity=finding.severity,
        domain=finding.domain,
        tier="" if finding.tier is None else str(finding.tier),
        uncertainty=finding.uncertainty,
        alternative_reading=finding.alternative_reading,
        cited=dict(_matching(citation, among) for citation in finding.citations),
        target=finding.id,
    )


def _matching(citation: Citation, among: Sequence[Citable]) -> tuple[str, str]:
    same = [one for one in among if one.item.id == citation.evidence_id and one.sha256 == citation.sha256]
    exact = [one for one in same if one.value == citation.value]
    found = (exact or same)[:1]
    return (found[0].key if found else citation.number), citation.locator


def posted(form: Posted, discipline: Discipline, among: Sequence[Citable]) -> FindingForm:
    """The form as filled. Rules that need the case (G-EVID, G-STALE) are asked by the act itself."""
    known = {one.key: one for one in among}
    chosen = [key for key in dict.fromkeys(form.getlist("cite")) if key in known]
    filled = FindingForm(
        discipline=discipline,
        statement=text(form, "statement"),
        severity=word(form, "severity", Severity),
        domain=word(form, "domain", Domain) or DOMAIN_OF[discipline],
        tier=text(form, "tier"),
        uncertainty=text(form, "uncertainty"),
        alternative_reading=text(form, "alternative_reading"),
        cited={key: text(form, f"locator-{key}") or known[key].locator for key in chosen},
        target=text(form, "target") or None,
    )
    return msgspec.structs.replace(filled, problems=tuple(_problems(filled)))


def _problems(form: FindingForm) -> Iterator[Problem]:
    if not form.statement:
        yield Problem(field="statement", sentence="State the finding.")
    if not form.cited:
        yield Problem(field="evidence", sentence="Cite at least one evidence item.")
    for key, locator in form.cited.items():
        if not locator:
            yield Problem(field=f"locator-{key}", sentence=f"Say where in {key.rpartition('-')[0]}.")
    if form.severity is None:
        yield Problem(field="severity", sentence="Choose the severity.")
    if form.tier and not (form.tier.isascii() and form.tier.isdigit() and len(form.tier) == 1):
        yield Problem(field="tier", sentence="Give the tier as a number from 0 to 4.")
    if not form.uncertainty:
        yield Problem(field="uncertainty", sentence="Say how sure it is and what is not known.")
    if form.severity not in (None, Severity.MINOR) and not form.alternative_reading:
        yield Problem(
            field="alternative_reading", sentence="Give the alternative reading that you considered."
        )
