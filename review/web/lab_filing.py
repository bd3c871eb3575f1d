"""The pages on which a lab writes its filing: sections as forms, autosave, the comparison of two versions."""

from collections.abc import Iterable
from typing import Any

from flask import Response, abort, jsonify, request
from sqlalchemy import Connection

from forms.from_instrument import QuestionsForm, apply_action, posted_by, section_form
from review.casefile import gather
from review.printing.filters import local_time, short_day
from review.records import drafts, store
from review.records.drafts import Draft, Stale
from review.rules import instruments, policy
from review.rules.clock import local_date
from review.rules.entities import Person
from review.rules.instruments import Instrument, Problem, Scope, Section
from review.web import lab_progress as progress
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import address, blueprint, frame, may_draft

NOT_OPEN = "The filing is not open for changes now."


class SectionPage:
    """One section of one form, with everything that its page needs from the database."""

    def __init__(self, here: Here, instrument: str, section: str) -> None:
        assert here.case is not None
        self.here = here
        self.case_id = here.case.id
        self.instrument, self.section = _find(instrument, section)
        self.saved = drafts.of_case(here.conn, self.case_id)
        self.stored = self.saved.get((instrument, section)) or Draft(instrument=instrument, section=section)
        self.people = people_of(here.conn, here.person.organization_id)

    @property
    def path(self) -> str:
        return address(self.case_id, f"filing/{self.instrument.name}/{self.section.key}")

    def form(self, posted: Any = None) -> QuestionsForm:
        """The section as a form: what is stored, then what was posted."""
        made: QuestionsForm = section_form(self.instrument, self.section.key)(
            posted, data=self.stored.answers
        )
        return made

    def filing(self, answers: drafts.Answers) -> dict[str, Any]:
        """All answers of the draft, with these in place of the stored ones of this section."""
        found = drafts.answers_of(self.saved)
        found.pop(gather.NOTES, None)
        found.setdefault(self.instrument.name, {})[self.section.key] = answers
        return found

    def scope(self, answers: drafts.Answers) -> Scope:
        filing = self.filing(answers)
        return self.instrument.scope(self.section.key, filing[self.instrument.name], filing)

    def problems(self, answers: drafts.Answers) -> list[Problem]:
        """Everything missing or wrong on this page."""
        filing = self.filing(answers)
        return self.instrument.judge_section(self.section.key, answers, filing[self.instrument.name], filing)

    def evidence(self) -> list[tuple[str, str]]:
        """The evidence items that an answer may name."""
        return [
            (item.number, f"{item.number} {item.title}")
            for item in self.here.facts.evidence
            if item.withdrawn is None
        ]

    def save(self, answers: drafts.Answers, expects: int) -> Draft:
        """Write the section. Raises Stale."""
        office = self.here.office
        self.here.release()
        with office.database.writing() as conn:
            return drafts.save(
                conn,
                self.case_id,
                self.instrument.name,
                self.section.key,
                answers,
                by=self.here.person.id,
                at=office.now(),
                expects=expects,
            )

    def next_section(self) -> tuple[str, str]:
        """Address and label of what comes after this section."""
        places = [(form, each) for form in instruments.all_current() for each in form.form_sections()]
        at = next(
            n
            for n, (form, each) in enumerate(places)
            if (form.name, each.key) == (self.instrument.name, self.section.key)
        )
        if at + 1 == len(places):
            return address(self.case_id, "filing/missing"), "what is missing"
        form, each = places[at + 1]
        label = each.title if form.name == self.instrument.name else form.title
        return address(self.case_id, f"filing/{form.name}/{each.key}"), label


def _find(instrument: str, section: str) -> tuple[Instrument, Section]:
    """A form in force and one of its sections; absent ones are not found."""
    form = next((one for one in instruments.all_current() if one.name == instrument), None)
    found = next((one for one in form.form_sections() if one.key == section), None) if form else None
    if form is None or found is None:
        abort(404)
    return form, found


def people_of(conn: Connection, organization_id: str | None) -> dict[str, str]:
    """The members of a lab: id and name."""
    return {
        person.id: person.name
        for person in store.all_of(conn, Person)
        if person.organization_id == organization_id and person.active
    }


def expected(posted: Any) -> int:
    """The version that the page showed; anything else counts as none."""
    text = posted.get("version", "0")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def saved_words(draft: Draft, here: Here) -> str:
    """`today 10:42 EDT`: when the section was last saved."""
    if draft.saved_at is None:
        return ""
    zone = policy.current().agency.timezone
    clock = local_time(draft.saved_at, zone).striptags()
    if local_date(draft.saved_at, policy.current().agency.zone) == here.today:
        return f"today {clock}"
    return f"{short_day(draft.saved_at, zone).striptags()} {clock}"


@page(blueprint, "/cases/<case_id>/filing/<instrument>/<section>", get="case:lab", post="case:lab")
def section(here: Here, instrument: str, section: str) -> Response:
    """A section as a form. A post saves what was typed, right or wrong."""
    one = SectionPage(here, instrument, section)
    if not may_draft(here):
        return here.redirect(address(one.case_id, "filing"))
    if request.method == "POST":
        return _save(one)
    return show_section(one, one.form(), with_missing="missing" in request.args)


def _save(one: SectionPage) -> Response:
    posted = one.here.form
    answers = one.form(posted).answers()
    action = posted.get("action", "save")
    focus = ""
    if action.startswith(("add:", "remove:")):
        try:
            answers, focus = apply_action(one.section, answers, action)
        except ValueError:
            abort(400)
    try:
        one.stored = one.save(answers, expected(posted))
    except Stale as stale:
        one.stored = stale.stored
        return _compare(one, answers)
    if focus:
        return one.here.redirect(f"{one.path}#{focus}")
    wrong = [problem for problem in one.problems(answers) if not problem.missing]
    if wrong:
        form = section_form(one.instrument, one.section.key)(None, data=answers)
        return show_section(one, form, status=422)
    return one.here.redirect(one.next_section()[0] if action == "next" else one.path)


def show_section(
    one: SectionPage, form: QuestionsForm, *, with_missing: bool = False, status: int = 200
) -> Response:
    """The page of a section: sections at left, the form, what is missing at right."""
    here = one.here
    assert here.case is not None
    answers = form.answers()
    problems = one.problems(answers)
    wrong = [problem for problem in problems if not problem.missing]
    form.arrange(one.scope(answers), problems if with_missing else wrong, one.evidence())
    filing = one.filing(answers)
    forms = progress.forms_of(filing)
    mine = next(each for each in forms if each.instrument.name == one.instrument.name)
    missing = instruments.missing(filing, gather.summaries(here.facts.evidence))
    _, label = one.next_section()
    response = here.answer(
        "lab/section.html",
        **frame(here, "filing", f"{one.section.title}, {one.instrument.title}"),
        form=form,
        instrument=one.instrument,
        section=one.section,
        mine=mine,
        duration=progress.duration(mine.minutes),
        forms=_form_links(one.case_id, forms, one.instrument.name),
        sections=progress.section_items(one.case_id, mine, one.section.key),
        owner=progress.owner_of(one.section, one.stored, one.people),
        owner_id=one.stored.owner,
        people=one.people,
        saved=saved_words(one.stored, here),
        saved_by=one.people.get(one.stored.saved_by, ""),
        version=one.stored.version,
        path=one.path,
        next_label=label,
        missing_count=len(missing),
        missing=progress.missing_groups(one.case_id, missing, one.instrument.name, one.section.key),
        summary=_summary(problems if with_missing else wrong),
        only_missing=with_missing and not wrong,
    )
    response.status_code = status
    return response


def _summary(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"text": problem.sentence, "href": f"#{problem.field}"} for problem in problems]


def _form_links(case_id: str, forms: Iterable[progress.FormProgress], current: str) -> list[dict[str, Any]]:
    return [
        {
            "label": one.instrument.title,
            "href": address(case_id, f"filing/{one.instrument.name}/{one.first_open}"),
            "current": one.instrument.name == current,
            "count": f"{one.answered} of {one.required}",
        }
        for one in forms
    ]


@page(blueprint, "/cases/<case_id>/filing/<instrument>/<section>/autosave", post="case:lab")
def autosave(here: Here, instrument: str, section: str) -> Response:
    """Keep what was typed meanwhile; answers with the new version, or 409 and where the two can be compared."""
    one = SectionPage(here, instrument, section)
    if not may_draft(here):
        return _json({"compare": address(one.case_id, "filing"), "sentence": NOT_OPEN}, 409)
    answers = one.form(here.form).answers()
    try:
        stored = one.save(answers, expected(here.form))
    except Stale:
        return _json({"compare": one.path}, 409)
    filing = one.filing(answers)
    missing = instruments.missing(filing, gather.summaries(here.facts.evidence))
    groups = progress.missing_groups(one.case_id, missing, one.instrument.name, one.section.key)
    said = {
        "version": stored.version,
        "saved": saved_words(stored, here),
        "missing": len(missing),
        "missing_list": here.templates.get_template("lab/missing_here.html").render(
            missing=groups, missing_count=len(missing)
        ),
    }
    return _json(said, 200)


def _json(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


@page(blueprint, "/cases/<case_id>/filing/<instrument>/<section>/compare", post="case:lab")
def compare(here: Here, instrument: str, section: str) -> Response:
    """Save the choices between two versions of a section, answer by answer."""
    one = SectionPage(here, instrument, section)
    posted = here.form
    mine = one.form(posted).answers()
    if not may_draft(here):
        return here.redirect(address(one.case_id, "filing"))
    if expected(posted) != one.stored.version:
        return _compare(one, mine)
    merged, undecided = merge(one.section, one.stored.answers, mine, posted)
    if undecided:
        return _compare(one, mine, undecided, posted)
    try:
        one.save(merged, one.stored.version)
    except Stale as stale:
        one.stored = stale.stored
        return _compare(one, mine)
    here.confirm("Saved as you chose.")
    return here.redirect(one.path)


def differing(section: Section, theirs: drafts.Answers, mine: drafts.Answers) -> list[str]:
    """The keys of the questions whose answers differ, in the order of the form."""
    return [field.key for field in section.fields if theirs.get(field.key) != mine.get(field.key)]


def merge(
    section: Section, theirs: drafts.Answers, mine: drafts.Answers, choices: Any
) -> tuple[drafts.Answers, list[str]]:
    """One version from two, as chosen, and the questions for which nothing was chosen."""
    merged, undecided = dict(theirs), []
    for key in differing(section, theirs, mine):
        choice = choices.get(f"choice-{key}", "")
        if choice == "mine":
            merged[key] = mine.get(key)
        elif choice == "both":
            merged[key] = f"{theirs.get(key) or ''}\n\n{mine.get(key) or ''}".strip()
        elif choice != "theirs":
            undecided.append(key)
    return {key: value for key, value in merged.items() if value is not None}, undecided


def _compare(
    one: SectionPage, mine: drafts.Answers, undecided: Iterable[str] = (), choices: Any = None
) -> Response:
    """The page that shows two versions of a section side by side and lets a person choose."""
    theirs, open_keys = one.stored.answers, set(undecided)
    rows = []
    for key in differing(one.section, theirs, mine):
        field = one.section.field(key)
        rows.append(
            {
                "key": key,
                "label": field.title,
                "theirs": instruments.in_words(field, theirs.get(key)) or "No answer",
                "mine": instruments.in_words(field, mine.get(key)) or "No answer",
                "both": field.type == "long_text"
                and isinstance(theirs.get(key), str)
                and isinstance(mine.get(key), str),
                "chosen": (choices.get(f"choice-{key}", "") if choices else _safe(theirs, mine, key)),
                "undecided": key in open_keys,
            }
        )
    here = one.here
    own = one.stored.saved_by == here.person.id
    response = here.answer(
        "lab/compare.html",
        **frame(here, "filing", "Two versions of this section"),
        instrument=one.instrument,
        section=one.section,
        rows=rows,
        pairs=posted_by(one.section, mine),
        version=one.stored.version,
        path=one.path,
        who="You, in another window" if own else one.people.get(one.stored.saved_by, "Somebody of your lab"),
        when=saved_words(one.stored, here),
        undecided=[
            {"text": row["label"], "href": f"#choice-{row['key']}-theirs"} for row in rows if row["undecided"]
        ],
    )
    response.status_code = 409
    return response


def _safe(theirs: drafts.Answers, mine: drafts.Answers, key: str) -> str:
    """The choice that loses no text, where there is one."""
    if instruments.is_empty(theirs.get(key)):
        return "mine"
    return "theirs" if instruments.is_empty(mine.get(key)) else ""


@page(blueprint, "/cases/<case_id>/filing/<instrument>/<section>/owner", post="case:lab")
def owner(here: Here, instrument: str, section: str) -> Response:
    """Hand a section to a person of the lab."""
    one = SectionPage(here, instrument, section)
    chosen = here.form.get("owner", "")
    if not may_draft(here) or (chosen and chosen not in one.people):
        abort(400)
    here.release()
    with here.office.database.writing() as conn:
        drafts.hand_to(
            conn, one.case_id, instrument, section, chosen, by=here.person.id, at=here.office.now()
        )
    here.confirm(
        f"{one.section.title} is with {one.people.get(chosen) or 'the ' + progress.OWNERS[one.section.owner].lower()}."
    )
    return here.redirect(one.path)
