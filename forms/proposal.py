"""A notice or a decision as a form: outcome, conditions, options, precedents, transition, seven reasons, answers.

The form is one page. A button that adds or removes a row, or drafts the reasons, gives the page back with
everything that was typed; only `save` becomes an act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from forms.posted import Posted, Problem, action, row_numbers, text, word
from forms.proposal_condition import ConditionRow, channel_rows, posted_condition, stored_condition
from review.rules import conditions, reasons
from review.rules.entities import (
    Alternative,
    BenefitRiskRow,
    Citation,
    Comparable,
    EvidenceItem,
    Finding,
    Memo,
    Proposal,
    ResponsePoint,
)
from review.rules.given import ProposalGiven
from review.rules.vocabulary import Outcome


class AlternativeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A less restrictive option. `cited` are numbers of evidence items, as typed."""

    number: int
    description: str = ""
    residual: str = ""
    why: str = ""
    cited: str = ""
    by_lab: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.description or self.why or self.residual)


class ComparableRow(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    name: str = ""
    outcome: str = ""
    comparison: str = ""
    factor: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.comparison)


class ProposalForm(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Outcome | None = None
    conditions: tuple[ConditionRow, ...] = ()
    alternatives: tuple[AlternativeRow, ...] = ()
    comparables: tuple[ComparableRow, ...] = ()
    comparables_note: str = ""
    transition: str = ""
    path_to_approval: str = ""
    reasons: dict[str, str] = {}
    point_answers: dict[str, str] = {}
    problems: tuple[Problem, ...] = ()

    def given(self, memo: Memo | None, evidence: Sequence[EvidenceItem]) -> ProposalGiven:
        """The act's value. The grid comes from the memo; empty rows are left out."""
        assert self.outcome is not None
        by_number = {item.number: item for item in evidence}
        grid: tuple[BenefitRiskRow, ...] = memo.benefit_risk if memo is not None else ()
        proposal = Proposal(
            outcome=self.outcome,
            reasons={key: self.reasons.get(key, "") for key in reasons.KEYS},
            conditions=tuple(row.record for row in self.conditions)
            if self.outcome is Outcome.RESTRICT
            else (),
            alternatives=tuple(_alternative(row, by_number) for row in self.alternatives if not row.is_empty),
            comparables=tuple(
                Comparable(
                    name=row.name,
                    outcome=row.outcome,
                    comparison=row.comparison,
                    distinguishing_factor=row.factor,
                )
                for row in self.comparables
                if not row.is_empty
            ),
            comparables_note=self.comparables_note,
            transition=self.transition,
            path_to_approval=self.path_to_approval,
            benefit_risk=grid,
        )
        return ProposalGiven(proposal=proposal, point_answers=self.point_answers)


def _alternative(row: AlternativeRow, by_number: Mapping[str, EvidenceItem]) -> Alternative:
    numbers = [number for number in row.cited.replace(",", " ").split() if number in by_number]
    return Alternative(
        description=row.description,
        residual_tier=row.residual,
        why_insufficient=row.why,
        citations=tuple(_cite(by_number[number]) for number in dict.fromkeys(numbers)),
        offered_by_lab=row.by_lab,
    )


def _cite(item: EvidenceItem) -> Citation:
    return Citation(
        evidence_id=item.id,
        number=item.number,
        sha256=item.files[0].sha256 if item.files else "",
        locator="the item",
    )


def fresh(outcome: Outcome | None) -> ProposalForm:
    """An empty form: two options and one precedent stand ready, because the rules ask for them."""
    return ProposalForm(
        outcome=outcome,
        alternatives=(AlternativeRow(number=1), AlternativeRow(number=2)),
        comparables=(ComparableRow(number=1),),
        reasons={"response": reasons.NO_NOTICE_ANSWERED},
    )


def stored(proposal: Proposal, point_answers: Mapping[str, str] | None = None) -> ProposalForm:
    """The form of a draft, or of a notice that a decision starts from."""
    return ProposalForm(
        outcome=proposal.outcome,
        conditions=tuple(stored_condition(n, record) for n, record in enumerate(proposal.conditions, 1)),
        alternatives=tuple(
            AlternativeRow(
                number=n,
                description=one.description,
                residual=one.residual_tier,
                why=one.why_insufficient,
                cited=", ".join(citation.number for citation in one.citations),
                by_lab=one.offered_by_lab,
            )
            for n, one in enumerate(proposal.alternatives, 1)
        ),
        comparables=tuple(
            ComparableRow(
                number=n,
                name=one.name,
                outcome=one.outcome,
                comparison=one.comparison,
                factor=one.distinguishing_factor,
            )
            for n, one in enumerate(proposal.comparables, 1)
        ),
        comparables_note=proposal.comparables_note,
        transition=proposal.transition,
        path_to_approval=proposal.path_to_approval,
        reasons=dict(proposal.reasons),
        point_answers=dict(point_answers or {}),
    )


def posted(
    form: Posted, channels: Sequence[Mapping[str, Any]], points: Sequence[ResponsePoint]
) -> ProposalForm:
    """The form as filled, with a row added or removed where that was the button.

    `channels` are the rows of the filing's feasibility table, from which a new condition's rows are prefilled.
    """
    verb, target = action(form)
    filled = ProposalForm(
        outcome=word(form, "outcome", Outcome),
        conditions=_conditions(form, verb, target, channels),
        alternatives=_alternatives(form, verb, target),
        comparables=_comparables(form, verb, target),
        comparables_note=text(form, "comparables_note"),
        transition=text(form, "transition"),
        path_to_approval=text(form, "path_to_approval"),
        reasons={key: text(form, f"reason-{key}") for key in reasons.KEYS},
        point_answers={
            point.id: text(form, f"point-{point.id}") for point in points if text(form, f"point-{point.id}")
        },
    )
    return msgspec.structs.replace(filled, problems=_problems(filled) if verb == "save" else ())


def _conditions(
    form: Posted, verb: str, target: str, channels: Sequence[Mapping[str, Any]]
) -> tuple[ConditionRow, ...]:
    rows = [posted_condition(form, number) for number in row_numbers(form, "condition")]
    if verb == "remove-condition":
        rows = [row for row in rows if str(row.number) != target]
    kind = word(form, "new_condition", conditions.ConditionType)
    if verb == "add-condition" and kind is not None:
        number = max((row.number for row in rows), default=0) + 1
        taken = {row.id for row in rows}
        name = next(f"C-{n:02d}" for n in range(1, 100) if f"C-{n:02d}" not in taken)
        rows.append(
            ConditionRow(
                number=number,
                id=name,
                type=kind,
                verification=conditions.KINDS[kind].verified_by,
                feasibility=channel_rows(kind, channels),
            )
        )
    return tuple(rows)


def _alternatives(form: Posted, verb: str, target: str) -> tuple[AlternativeRow, ...]:
    rows = [
        AlternativeRow(
            number=n,
            description=text(form, f"option-{n}-description"),
            residual=text(form, f"option-{n}-residual"),
            why=text(form, f"option-{n}-why"),
            cited=text(form, f"option-{n}-cited"),
            by_lab=text(form, f"option-{n}-lab") == "yes",
        )
        for n in row_numbers(form, "option")
        if not (verb == "remove-option" and str(n) == target)
    ]
    if verb == "add-option":
        rows.append(AlternativeRow(number=max((row.number for row in rows), default=0) + 1))
    return tuple(rows)


def _comparables(form: Posted, verb: str, target: str) -> tuple[ComparableRow, ...]:
    rows = [
        ComparableRow(
            number=n,
            name=text(form, f"comparable-{n}-name"),
            outcome=text(form, f"comparable-{n}-outcome"),
            comparison=text(form, f"comparable-{n}-comparison"),
            factor=text(form, f"comparable-{n}-factor"),
        )
        for n in row_numbers(form, "comparable")
        if not (verb == "remove-comparable" and str(n) == target)
    ]
    if verb == "add-comparable":
        rows.append(ComparableRow(number=max((row.number for row in rows), default=0) + 1))
    return tuple(rows)


def _problems(form: ProposalForm) -> tuple[Problem, ...]:
    """Only what cannot be kept; the rest is shown as what blocks signing."""
    if form.outcome is None:
        return (Problem(field="outcome", sentence="Choose the outcome."),)
    return ()


def with_drafted_reasons(
    form: ProposalForm,
    findings: Sequence[Finding],
    memo: Memo | None,
    legal_basis: str,
    points: Sequence[ResponsePoint],
    evidence: Sequence[EvidenceItem],
) -> ProposalForm:
    """The form with its seven reasons drafted anew from findings, memo and what is typed here."""
    outcome = form.outcome or Outcome.RESTRICT
    given = msgspec.structs.replace(form, outcome=outcome).given(memo, evidence).proposal
    answered = [
        msgspec.structs.replace(point, answer=form.point_answers.get(point.id, point.answer))
        for point in points
    ]
    drafted = reasons.draft(
        findings,
        memo,
        legal_basis,
        given.alternatives,
        given.comparables,
        answered,
        comparables_note=form.comparables_note,
    )
    return msgspec.structs.replace(form, reasons=drafted)
