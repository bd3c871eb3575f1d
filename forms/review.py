"""A discipline's conclusion as a form: what was looked at, what follows."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text, word
from review.rules.entities import DisciplineReview
from review.rules.given import ReviewConclusion
from review.rules.vocabulary import Conclusion, Discipline


class ConclusionForm(msgspec.Struct, frozen=True, kw_only=True):
    discipline: Discipline
    conclusion: Conclusion | None = None
    scope: str = ""
    summary: str = ""
    proposed_conditions: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> ReviewConclusion:
        """The act's value. Only of a form without problems."""
        assert self.conclusion is not None
        return ReviewConclusion(
            discipline=self.discipline,
            conclusion=self.conclusion,
            scope=self.scope,
            summary=self.summary,
            proposed_conditions=self.proposed_conditions,
        )


def stored(review: DisciplineReview) -> ConclusionForm:
    return ConclusionForm(
        discipline=review.discipline,
        conclusion=review.conclusion,
        scope=review.scope,
        summary=review.summary,
        proposed_conditions=review.proposed_conditions,
    )


def posted(form: Posted, discipline: Discipline) -> ConclusionForm:
    filled = ConclusionForm(
        discipline=discipline,
        conclusion=word(form, "conclusion", Conclusion),
        scope=text(form, "scope"),
        summary=text(form, "summary"),
        proposed_conditions=text(form, "proposed_conditions"),
    )
    found = []
    if filled.conclusion is None:
        found.append(Problem(field="conclusion", sentence="Choose the conclusion."))
    if not filled.scope:
        found.append(Problem(field="scope", sentence="Say what you looked at."))
    if filled.conclusion not in (None, Conclusion.NO_CONCERN) and not filled.summary:
        found.append(Problem(field="summary", sentence="Say in a few sentences what follows."))
    return msgspec.structs.replace(filled, problems=tuple(found))
