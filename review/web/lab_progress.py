"""How far a lab's filing is, section by section, and what is missing, each with the link to where it is cured."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from review.printing.filters import counted
from review.records.drafts import Draft
from review.rules.instruments import Instrument, Missing, Progress, Section, all_current
from review.web.lab_case import address

Saved = Mapping[tuple[str, str], Draft]
Answers = Mapping[str, Any]
OWNERS = {"REGULATORY_LEAD": "Regulatory lead", "EVALUATION_ENGINEER": "Evaluation engineer"}


class FormProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One form: its sections with required and answered questions, and the minutes that remain."""

    instrument: Instrument
    sections: tuple[Progress, ...]

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.sections)

    @property
    def required(self) -> int:
        return sum(one.required for one in self.sections)

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.sections)

    @property
    def first_open(self) -> str:
        """The first section that is not done, else the first of all."""
        return next((one.section for one in self.sections if not one.done), self.sections[0].section)


def forms_of(answers: Answers) -> tuple[FormProgress, ...]:
    """The progress of every form in force."""
    filing = dict(answers)
    return tuple(
        FormProgress(instrument=one, sections=tuple(one.progress(filing.get(one.name) or {}, filing)))
        for one in all_current()
    )


def duration(minutes: int) -> str:
    """`about 2 hours`, `about 20 minutes`; nothing when nothing remains."""
    if minutes <= 0:
        return ""
    if minutes < 50:
        return f"about {max(5, round(minutes / 5) * 5)} minutes"
    hours = max(1, round(minutes / 60))
    return "about an hour" if hours == 1 else f"about {hours} hours"


def owner_of(section: Section, draft: Draft | None, people: Mapping[str, str]) -> str:
    """Who fills a section: the person named, else the role that the form names."""
    if draft is not None and draft.owner:
        return people.get(draft.owner, "somebody who left")
    return OWNERS[section.owner]


def section_items(
    case_id: str, form: FormProgress, current: str, wrong: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The sections of a form as the list at the left shows them."""
    bad = set(wrong)
    return [
        {
            "label": one.title,
            "href": address(case_id, f"filing/{form.instrument.name}/{one.section}"),
            "current": one.section == current,
            "done": one.done,
            "count": ""
            if one.done and not one.required
            else one.required
            if one.done
            else f"{one.answered} of {one.required}",
            "bad": one.section in bad,
        }
        for one in form.sections
    ]


def place_of(case_id: str, one: Missing) -> str:
    """Where a missing answer is given: the field on its page."""
    if one.evidence:
        return f"{address(case_id, f'filing/evidence/{one.evidence}')}?missing=1#{one.field}"
    if one.instrument == "evaluation_evidence" and one.code == "no_evidence":
        return address(case_id, "filing/evidence")
    return f"{address(case_id, f'filing/{one.instrument}/{one.section}')}?missing=1#{one.field}"


def missing_groups(
    case_id: str, missing: Iterable[Missing], instrument: str = "", section: str = "", most: int = 12
) -> list[dict[str, Any]]:
    """What is missing by distance from a section: on this page, in the rest of this form, in other forms."""
    listed = tuple(missing)
    here = [
        one for one in listed if (one.instrument, one.section) == (instrument, section) and not one.evidence
    ]
    form = [one for one in listed if one.instrument == instrument and one not in here and not one.evidence]
    others = [one for one in listed if one not in here and one not in form]
    found: list[dict[str, Any]] = []
    if here:
        found.append(
            {"title": f"On this page, {len(here)}", "items": [_item(case_id, one) for one in here[:most]]}
        )
    if form:
        found.append({"title": f"Rest of this form, {len(form)}", "items": _by_section(case_id, form)[:most]})
    if others:
        found.append(
            {
                "title": f"{'Other' if instrument else 'All'} forms, {len(others)}",
                "items": _by_form(case_id, others)[:most],
            }
        )
    return found


def missing_by_form(case_id: str, missing: Iterable[Missing]) -> list[dict[str, Any]]:
    """The whole list, form by form, every entry a link."""
    listed = tuple(missing)
    groups: list[dict[str, Any]] = []
    for form in all_current():
        own = [one for one in listed if one.instrument == form.name]
        if own:
            groups.append(
                {"title": f"{form.title}, {len(own)}", "items": [_item(case_id, one) for one in own]}
            )
    return groups


def _item(case_id: str, one: Missing) -> dict[str, str]:
    return {"label": one.sentence, "href": place_of(case_id, one), "text": one.cure}


def _by_section(case_id: str, entries: list[Missing]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    titles = {(form.name, each.key): each.title for form in all_current() for each in form.sections}
    for key in dict.fromkeys((one.instrument, one.section) for one in entries):
        own = [one for one in entries if (one.instrument, one.section) == key]
        found.append(
            {
                "label": titles.get(key, key[1]),
                "href": place_of(case_id, own[0]),
                "text": counted(len(own), "answer", words=False),
            }
        )
    return found


def _by_form(case_id: str, entries: list[Missing]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    titles = {form.name: form.title for form in all_current()}
    for name in dict.fromkeys(one.instrument for one in entries):
        own = [one for one in entries if one.instrument == name]
        words = own[0].sentence if len(own) == 1 else counted(len(own), "answer", words=False)
        found.append({"label": titles.get(name, name), "href": place_of(case_id, own[0]), "text": words})
    return found
