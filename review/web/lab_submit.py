"""The filing as a whole: how far it is, what is missing, reading and signing it, protest and withdrawal."""

from typing import Any

from flask import Response, request
from sqlalchemy import select

from review.acts import packages
from review.casefile import gather
from review.printing.filters import counted
from review.records import drafts, store
from review.records.drafts import Stale
from review.records.tables import cases
from review.rules import instruments
from review.rules.entities import FilingVersion
from review.rules.given import Protest, Reason
from review.rules.instruments import Field
from review.rules.refusals import Refusal
from review.rules.vocabulary import Act, State
from review.rules.workflow import ROW, refusals
from review.web import lab_progress as progress
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import address, blueprint, case_file, frame, may_draft
from review.web.lab_filing import people_of

ORDER = {name: n for n, name in enumerate(instruments.CURRENT)}
"""The forms in the order in which a lab fills them."""


def filing(here: Here) -> Response:
    """The Filing tab: the draft as it grows, else the version that was filed."""
    return _draft(here) if may_draft(here) else _filed(here)


def _draft(here: Here) -> Response:
    case = here.case
    assert case is not None
    facts = here.facts
    saved = drafts.of_case(here.conn, case.id)
    answers = drafts.answers_of(saved)
    answers.pop(gather.NOTES, None)
    forms = progress.forms_of(answers)
    people = people_of(here.conn, here.person.organization_id)
    missing = facts.missing or ()
    act = Act.SUBMIT if case.state is State.DRAFT else Act.RESUBMIT_AFTER_REFUSAL
    found = here.answer(
        "lab/filing.html",
        **frame(here, "filing"),
        forms=[_form_row(here, one, saved, people) for one in forms],
        answered=sum(one.answered for one in forms),
        required=sum(one.required for one in forms),
        duration=progress.duration(sum(one.minutes for one in forms)),
        missing=missing,
        groups=progress.missing_groups(case.id, missing),
        act=ROW[act],
        blocked=refusals(ROW[act], facts),
        evidence=[item for item in facts.evidence if item.withdrawn is None],
        checklist=facts.checklist if case.state is State.REFUSED_TO_ACCEPT else None,
        earlier=_last_filing(here),
        untouched=not any(one.answers for one in saved.values()),
    )
    return found


def _form_row(
    here: Here, one: progress.FormProgress, saved: progress.Saved, people: dict[str, str]
) -> dict[str, Any]:
    case = here.case
    assert case is not None
    owners = dict.fromkeys(
        progress.owner_of(section, saved.get((one.instrument.name, section.key)), people)
        for section in one.instrument.form_sections()
    )
    return {
        "title": one.instrument.title,
        "href": address(case.id, f"filing/{one.instrument.name}/{one.first_open}"),
        "intro": one.instrument.intro,
        "answered": one.answered,
        "required": one.required,
        "duration": progress.duration(one.minutes),
        "owners": ", ".join(owners),
    }


def _filed(here: Here) -> Response:
    case = here.case
    assert case is not None
    file = case_file(here)
    readings = []
    if file.filed is not None:
        readings = [
            (
                instruments.load(name, version),
                instruments.read(
                    instruments.load(name, version), file.filed.answers.get(name) or {}, file.filed.answers
                ),
            )
            for name, version in sorted(
                file.filed.instruments.items(), key=lambda pair: ORDER.get(pair[0], 99)
            )
        ]
    found = here.answer(
        "lab/filed.html",
        **frame(here, "filing"),
        file=file,
        filed=file.filed,
        readings=readings,
        by_number={line.item.number: line.item.id for line in file.evidence},
        may_attach=case.state is State.INFORMATION_REQUEST_HOLD,
    )
    return found


@page(blueprint, "/cases/<case_id>/filing/missing", get="case:lab")
def missing(here: Here) -> Response:
    """The whole list of what is missing, by form."""
    assert here.case is not None
    if not may_draft(here):
        return here.redirect(address(here.case.id, "filing"))
    found = here.facts.missing or ()
    response = here.answer(
        "lab/missing.html",
        **frame(here, "filing", "What is missing"),
        groups=progress.missing_by_form(here.case.id, found),
        total=len(found),
    )
    return response


@page(blueprint, "/cases/<case_id>/filing/submit", get="case:lab", post="case:lab")
def submit(here: Here) -> Response:
    """Read the filing as a whole, then sign it. After a refusal each failed item is answered first."""
    case = here.case
    assert case is not None
    if not may_draft(here):
        return here.redirect(address(case.id))
    again = case.state is State.REFUSED_TO_ACCEPT
    if request.method == "POST":
        items = here.facts.checklist.failed if again and here.facts.checklist else ()
        answered = {item.key: here.form.get(f"answer-{item.key}", "").strip() for item in items}
        open_items = [item for item in items if not answered[item.key]]
        if open_items:
            wrong = [
                {"text": f"Say what you did about: {item.question}", "href": f"#answer-{item.key}"}
                for item in open_items
            ]
            return _submit_page(here, answered, wrong, 422)
        given = packages.filing_of(here.office, case.id, answered)
        act = Act.RESUBMIT_AFTER_REFUSAL if again else Act.SUBMIT
        title = "Sign the filing" if not again else "Sign the corrected filing"
        signed = here.sign(act, given, title=title, to=address(case.id))
        return signed
    return _submit_page(here, {}, [], 200)


def _submit_page(here: Here, answered: dict[str, str], wrong: list[dict[str, str]], status: int) -> Response:
    case = here.case
    assert case is not None
    facts = here.facts
    act = Act.SUBMIT if case.state is State.DRAFT else Act.RESUBMIT_AFTER_REFUSAL
    given = packages.filing_of(here.office, case.id, answered)
    current = instruments.all_current()
    gaps = [
        (one, gap)
        for one in current
        for gap in one.gaps(given.answers.get(one.name) or {}, given.answers)
        if gap.kind != "EMPTY"
    ]
    response = here.answer(
        "lab/submit.html",
        **frame(here, "filing", "Read and sign the filing"),
        act=ROW[act],
        blocked=refusals(ROW[act], facts),
        readings=[
            (one, instruments.read(one, given.answers.get(one.name) or {}, given.answers)) for one in current
        ],
        gaps=gaps,
        evidence=[item for item in facts.evidence if item.withdrawn is None],
        failed=facts.checklist.failed if facts.checklist and case.state is State.REFUSED_TO_ACCEPT else (),
        answered=answered,
        wrong=wrong,
        missing=facts.missing or (),
        groups=progress.missing_by_form(case.id, facts.missing or ()),
    )
    response.status_code = status
    return response


@page(blueprint, "/cases/<case_id>/filing/protest", get="case:lab", post="case:lab")
def protest(here: Here) -> Response:
    """Insist on review of a filing that was refused."""
    case = here.case
    assert case is not None
    if request.method == "POST":
        given = Protest(
            reason=here.form.get("reason", "").strip(), conference=here.form.get("conference", "")
        )
        done = here.do(
            Act.FILE_OVER_PROTEST,
            given,
            to=address(case.id),
            again=lambda found: _reason_page(here, "lab/protest.html", Act.FILE_OVER_PROTEST, found),
        )
        return done
    return _reason_page(here, "lab/protest.html", Act.FILE_OVER_PROTEST, ())


@page(blueprint, "/cases/<case_id>/withdraw", get="case:lab", post="case:lab")
def withdraw(here: Here) -> Response:
    """Withdraw a filing, with a reason. The record is kept."""
    case = here.case
    assert case is not None
    if request.method == "POST":
        done = here.do(
            Act.WITHDRAW,
            Reason(reason=here.form.get("reason", "").strip()),
            to=address(case.id),
            again=lambda found: _reason_page(here, "lab/withdraw.html", Act.WITHDRAW, found),
        )
        return done
    return _reason_page(here, "lab/withdraw.html", Act.WITHDRAW, ())


def _reason_page(here: Here, template: str, act: Act, found: tuple[Refusal, ...]) -> Response:
    """A page that asks why; what was typed stays when the act is refused."""
    row = ROW[act]
    response = here.answer(
        template,
        **frame(here, "now", row.label),
        act=row,
        blocked=refusals(row, here.facts) if not found else (),
        refused=found,
        typed=here.form,
    )
    if found:
        response.status_code = 409 if any(one.code == "sequence" for one in found) else 422
    return response


# Prefill ----------------------------------------------------------------------------------------


def _last_filing(here: Here) -> tuple[str, FilingVersion] | None:
    """The newest version that this lab filed in another case, with its docket number."""
    case = here.case
    assert case is not None
    statement = (
        select(cases.c.id, cases.c.number)
        .where(
            cases.c.organization_id == case.organization_id,
            cases.c.id != case.id,
            cases.c.number.is_not(None),
        )
        .order_by(cases.c.received_on.desc(), cases.c.id.desc())
        .limit(1)
    )
    row = here.conn.execute(statement).one_or_none()
    if row is None:
        return None
    version = store.of_case(here.conn, row.id, [FilingVersion.kind]).last(FilingVersion)
    return (row.number, version) if version is not None else None


@page(blueprint, "/cases/<case_id>/filing/prefill", post="case:lab")
def prefill(here: Here) -> Response:
    """Fill sections that nobody has written yet with the answers of the lab's last filing."""
    case = here.case
    assert case is not None
    earlier = _last_filing(here)
    if not may_draft(here) or earlier is None:
        return here.redirect(address(case.id, "filing"))
    number, version = earlier
    filled = 0
    saved = drafts.of_case(here.conn, case.id)
    here.release()
    with here.office.database.writing() as conn:
        for form in instruments.all_current():
            for section in form.form_sections():
                held = saved.get((form.name, section.key))
                answers = without_evidence(
                    section.fields, (version.answers.get(form.name) or {}).get(section.key) or {}
                )
                if (held is not None and held.answers) or not answers:
                    continue
                try:
                    drafts.save(
                        conn,
                        case.id,
                        form.name,
                        section.key,
                        answers,
                        by=here.person.id,
                        at=here.office.now(),
                        expects=held.version if held else 0,
                    )
                except Stale:
                    continue
                filled += 1
    here.confirm(
        f"{counted(filled, 'section').capitalize()} filled from {number}. Read each: the model may differ."
    )
    return here.redirect(address(case.id, "filing"))


def without_evidence(fields: tuple[Field, ...], answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without references to another case's evidence, and without what only that model can state."""
    kept: dict[str, Any] = {}
    for field in fields:
        answer = answers.get(field.key)
        if answer is None or field.type in ("evidence", "file") or "fingerprint" in field.key:
            continue
        if field.type == "rows" and isinstance(answer, list):
            answer = [
                {**row, "answers": without_evidence(field.fields, row.get("answers") or {})} for row in answer
            ]
        kept[field.key] = answer
    return kept
