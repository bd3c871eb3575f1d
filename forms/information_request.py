"""An information request as a form: items with their four elements, rows that can be added without script."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, action, row_numbers, text, word
from review.rules.entities import DeficiencyItem, InformationRequest
from review.rules.given import Questions
from review.rules.vocabulary import Severity

ELEMENTS: tuple[tuple[str, str, str], ...] = (
    ("provided", "What was provided", "Name the answer or the evidence item."),
    ("missing", "What is missing", "One thing. Ask a second thing in a second item."),
    ("basis", "Why it matters to the decision", "Name the finding or claim that hangs on it."),
    ("cure", "What would resolve it", "The least burdensome way. Say what else would do."),
)


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    provided: str = ""
    missing: str = ""
    basis: str = ""
    cure: str = ""
    severity: Severity = Severity.MAJOR
    finding: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.provided or self.missing or self.basis or self.cure)


class QuestionsForm(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[QuestionRow, ...] = (QuestionRow(number=1),)
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> Questions:
        return Questions(
            items=tuple(
                DeficiencyItem(
                    id=f"Q-{place}",
                    provided=row.provided,
                    missing=row.missing,
                    basis=row.basis,
                    cure=row.cure,
                    severity=row.severity,
                    finding=row.finding or None,
                )
                for place, row in enumerate((row for row in self.rows if not row.is_empty), 1)
            )
        )


def stored(request: InformationRequest | None) -> QuestionsForm:
    """The form of one's own draft, or an empty one."""
    if request is None:
        return QuestionsForm()
    return QuestionsForm(
        rows=tuple(
            QuestionRow(
                number=number,
                provided=item.provided,
                missing=item.missing,
                basis=item.basis,
                cure=item.cure,
                severity=item.severity,
                finding=item.finding or "",
            )
            for number, item in enumerate(request.items, 1)
        )
    )


def posted(form: Posted) -> QuestionsForm:
    """The form as filled, with a row added or removed where that was the button."""
    rows = [_row(form, number) for number in row_numbers(form, "row")]
    verb, target = action(form)
    if verb == "add":
        rows.append(QuestionRow(number=max((row.number for row in rows), default=0) + 1))
    if verb == "remove":
        rows = [row for row in rows if str(row.number) != target]
    rows = rows or [QuestionRow(number=1)]
    problems = _problems(rows) if verb == "save" else ()
    return QuestionsForm(rows=tuple(rows), problems=problems)


def _row(form: Posted, number: int) -> QuestionRow:
    return QuestionRow(
        number=number,
        provided=text(form, f"provided-{number}"),
        missing=text(form, f"missing-{number}"),
        basis=text(form, f"basis-{number}"),
        cure=text(form, f"cure-{number}"),
        severity=word(form, f"severity-{number}", Severity) or Severity.MAJOR,
        finding=text(form, f"finding-{number}"),
    )


def _problems(rows: list[QuestionRow]) -> tuple[Problem, ...]:
    full = [row for row in rows if not row.is_empty]
    if not full:
        return (Problem(field=f"missing-{rows[0].number}", sentence="Ask at least one thing."),)
    return tuple(
        Problem(field=f"{key}-{row.number}", sentence=f"Item {place}: say {label[:1].lower()}{label[1:]}.")
        for place, row in enumerate(full, 1)
        for key, label, _ in ELEMENTS
        if not getattr(row, key)
    )
