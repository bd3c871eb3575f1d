"""The acceptance checklist as a form: every question at once; only changed answers become acts."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text, word
from review.rules.entities import Checklist, ChecklistItem
from review.rules.given import ChecklistEntry
from review.rules.vocabulary import ChecklistAnswer


class ChecklistRow(msgspec.Struct, frozen=True, kw_only=True):
    """One question as it stands in the form."""

    number: int
    item: ChecklistItem
    answer: ChecklistAnswer | None
    locator: str
    note: str
    cure: str

    @property
    def entry(self) -> ChecklistEntry | None:
        if self.answer is None:
            return None
        return ChecklistEntry(
            key=self.item.key, answer=self.answer, locator=self.locator, note=self.note, cure=self.cure
        )

    @property
    def changed(self) -> bool:
        kept = (self.item.answer, self.item.locator, self.item.note, self.item.cure)
        return self.answer is not None and kept != (self.answer, self.locator, self.note, self.cure)


class ChecklistForm(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[ChecklistRow, ...]

    @property
    def entries(self) -> tuple[ChecklistEntry, ...]:
        """The answers that differ from the record."""
        return tuple(row.entry for row in self.rows if row.changed and row.entry is not None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = []
        for row in self.rows:
            if row.answer is ChecklistAnswer.NO and not row.cure:
                found.append(
                    Problem(field=f"cure-{row.item.key}", sentence=f"{row.number}: say what would cure it.")
                )
            if row.answer is ChecklistAnswer.NO and not row.locator:
                found.append(
                    Problem(
                        field=f"locator-{row.item.key}", sentence=f"{row.number}: say where it is missing."
                    )
                )
            if row.answer is ChecklistAnswer.NOT_APPLICABLE and not row.note:
                found.append(
                    Problem(
                        field=f"note-{row.item.key}", sentence=f"{row.number}: say why this does not apply."
                    )
                )
        return tuple(found)


def stored(checklist: Checklist) -> ChecklistForm:
    """The form from the record; a place and a cure are proposed where nobody answered yet."""
    rows = tuple(
        ChecklistRow(
            number=number,
            item=item,
            answer=item.answer,
            locator=item.locator or ", ".join(item.places),
            note=item.note,
            cure=item.cure,
        )
        for number, item in enumerate(checklist.items, 1)
    )
    return ChecklistForm(rows=rows)


def posted(form: Posted, checklist: Checklist) -> ChecklistForm:
    """The form as somebody filled it; questions that were not on the page stay as they are."""
    rows = []
    for row in stored(checklist).rows:
        key = row.item.key
        if f"asked-{key}" not in form:
            rows.append(row)
            continue
        answer = word(form, f"answer-{key}", ChecklistAnswer) or row.item.answer
        rows.append(
            msgspec.structs.replace(
                row,
                answer=answer,
                locator=text(form, f"locator-{key}"),
                note=text(form, f"note-{key}"),
                cure=text(form, f"cure-{key}"),
            )
        )
    return ChecklistForm(rows=tuple(rows))


def as_the_rules_found(checklist: Checklist) -> tuple[ChecklistEntry, ...]:
    """One entry for each open question, answered as the rules found it; a person presses the button and answers for it."""
    return tuple(
        ChecklistEntry(
            key=item.key,
            answer=item.by_rule,
            locator=item.locator or ", ".join(item.places),
            note=item.note or (item.found if item.by_rule is ChecklistAnswer.NOT_APPLICABLE else ""),
            cure=item.cure or (f"Answer this: {item.question}" if item.by_rule is ChecklistAnswer.NO else ""),
        )
        for item in checklist.open
    )
