"""The cross-discipline memo as a form, with the five rows of the benefit-risk grid; and the panel's advice."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text, word
from review.rules.entities import BenefitRiskRow, Memo, PanelAdvice
from review.rules.given import Advice, MemoGiven
from review.rules.vocabulary import BenefitRiskDimension, Outcome

GRID_HINTS: dict[BenefitRiskDimension, tuple[str, str]] = {
    BenefitRiskDimension.THREAT_LANDSCAPE: ("Threat", "Who would do what with it, and how likely is that?"),
    BenefitRiskDimension.COUNTERFACTUAL_AVAILABILITY: (
        "Available elsewhere",
        "What can people do already, without this model?",
    ),
    BenefitRiskDimension.CAPABILITY: ("Capability", "What was measured with safeguards off, and how surely?"),
    BenefitRiskDimension.SAFEGUARD_EFFICACY: ("Safeguards", "What remains as deployed, under attack?"),
    BenefitRiskDimension.BENEFIT: ("Benefit", "What is lost, for whom, if it is restricted?"),
}


class GridRow(msgspec.Struct, frozen=True, kw_only=True):
    dimension: BenefitRiskDimension
    evidence_uncertainties: str = ""
    conclusions_reasons: str = ""

    @property
    def title(self) -> str:
        return GRID_HINTS[self.dimension][0]

    @property
    def hint(self) -> str:
        return GRID_HINTS[self.dimension][1]

    @property
    def record(self) -> BenefitRiskRow:
        return BenefitRiskRow(
            dimension=self.dimension,
            evidence_uncertainties=self.evidence_uncertainties,
            conclusions_reasons=self.conclusions_reasons,
        )


def grid_of(rows: tuple[BenefitRiskRow, ...]) -> tuple[GridRow, ...]:
    """Five rows in their order, filled where the record has them."""
    known = {row.dimension: row for row in rows}
    return tuple(
        GridRow(
            dimension=dimension,
            evidence_uncertainties=known[dimension].evidence_uncertainties if dimension in known else "",
            conclusions_reasons=known[dimension].conclusions_reasons if dimension in known else "",
        )
        for dimension in BenefitRiskDimension
    )


def posted_grid(form: Posted) -> tuple[GridRow, ...]:
    return tuple(
        GridRow(
            dimension=dimension,
            evidence_uncertainties=text(form, f"grid-{dimension.value}-evidence"),
            conclusions_reasons=text(form, f"grid-{dimension.value}-so"),
        )
        for dimension in BenefitRiskDimension
    )


class MemoForm(msgspec.Struct, frozen=True, kw_only=True):
    recommendation: Outcome | None = None
    summary: str = ""
    grid: tuple[GridRow, ...] = grid_of(())
    consults: str = ""
    conditions_note: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> MemoGiven:
        """The act's value. Only of a form without problems; empty rows of the grid are left out."""
        assert self.recommendation is not None
        return MemoGiven(
            recommendation=self.recommendation,
            summary=self.summary,
            benefit_risk=tuple(
                row.record for row in self.grid if row.evidence_uncertainties or row.conclusions_reasons
            ),
            consults=self.consults,
            conditions_note=self.conditions_note,
        )


def stored(memo: Memo | None) -> MemoForm:
    if memo is None:
        return MemoForm()
    return MemoForm(
        recommendation=memo.recommendation,
        summary=memo.summary,
        grid=grid_of(memo.benefit_risk),
        consults=memo.consults,
        conditions_note=memo.conditions_note,
    )


def posted(form: Posted) -> MemoForm:
    """The memo as filled. An unfinished grid may be saved; recommending asks for it."""
    filled = MemoForm(
        recommendation=word(form, "recommendation", Outcome),
        summary=text(form, "summary"),
        grid=posted_grid(form),
        consults=text(form, "consults"),
        conditions_note=text(form, "conditions_note"),
    )
    found = []
    if filled.recommendation is None:
        found.append(Problem(field="recommendation", sentence="Choose what you recommend."))
    if not filled.summary:
        found.append(Problem(field="summary", sentence="Write the summary."))
    return msgspec.structs.replace(filled, problems=tuple(found))


class AdviceForm(msgspec.Struct, frozen=True, kw_only=True):
    members: str = ""
    question: str = ""
    advice: str = ""
    votes: str = ""
    departure: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> Advice:
        return Advice(
            members=self.members,
            question=self.question,
            advice=self.advice,
            votes=self.votes,
            departure=self.departure,
        )


ADVICE_PARTS: tuple[tuple[str, str, str], ...] = (
    ("members", "Members who took part", "One a line, with their field."),
    ("question", "What the panel was asked", ""),
    ("advice", "What the panel advises", "In its own words."),
    ("votes", "Votes", "For example: 4 for, 1 against. Say why, where a member did."),
    ("departure", "If you mean to depart from it, why", "Leave empty if you follow the advice."),
)


def stored_advice(panel: PanelAdvice | None) -> AdviceForm:
    if panel is None:
        return AdviceForm()
    return AdviceForm(
        members=panel.members,
        question=panel.question,
        advice=panel.advice,
        votes=panel.votes,
        departure=panel.departure,
    )


def posted_advice(form: Posted) -> AdviceForm:
    filled = AdviceForm(
        members=text(form, "members"),
        question=text(form, "question"),
        advice=text(form, "advice"),
        votes=text(form, "votes"),
        departure=text(form, "departure"),
    )
    found = tuple(
        Problem(field=key, sentence=f"Give: {label[:1].lower()}{label[1:]}.")
        for key, label, _ in ADVICE_PARTS
        if key != "departure" and not getattr(filled, key)
    )
    return msgspec.structs.replace(filled, problems=found)
