"""Acceptance screening: completeness, never merit. One form for all questions; accept or refuse beside it."""

from typing import Any

from flask import Response, url_for

from forms import checklist as forms
from forms.team import posted_reason
from review.acts.perform import Conflict, perform
from review.rules.given import ChecklistEntry
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, ChecklistAnswer, State
from review.rules.workflow import ROW, refusals
from review.web import errors
from review.web.access import page
from review.web.cases import Shown, blueprint, case_id, case_page, my_todos, refusing, render
from review.web.here import Here

OPTIONS = [
    {"value": "YES", "label": "Yes"},
    {"value": "NO", "label": "No"},
    {"value": "NOT_APPLICABLE", "label": "N/A"},
]


@case_page("/cases/<case_id>/screening", "screening")
def screening(here: Here) -> Response:
    return show(here)


def show(
    here: Here, form: forms.ChecklistForm | None = None, *, refused: Shown | None = None, status: int = 200
) -> Response:
    """The checklist as it stands, or as somebody filled it."""
    f = here.facts
    checklist = f.checklist
    filled = form or (forms.stored(checklist) if checklist else None)
    may = not refusals(ROW[Act.ANSWER_CHECKLIST_ITEM], f)
    steps = {
        act.value: {"open": not (found := refusals(ROW[act], f)), "why": found[0] if found else None}
        for act in (Act.ACCEPT, Act.REFUSE_TO_ACCEPT, Act.CONCUR_REFUSAL)
    }
    return render(
        here,
        "agency/screening.html",
        "now",
        title="Screening",
        refused=refused,
        problems=filled.problems if form and filled else (),
        status=status,
        form=filled,
        checklist=checklist,
        options=OPTIONS,
        may=may,
        acts=steps,
        mine=[todo.key for todo in my_todos(here)],
        summary=_summary(here),
        where_of={item.key: _places(here, item.places) for item in (checklist.items if checklist else ())},
        screening_open=f.state is State.ACCEPTANCE_SCREENING,
    )


def _summary(here: Here) -> dict[str, Any]:
    """How many questions are open and how many are not met, and what follows."""
    checklist = here.facts.checklist
    if checklist is None:
        return {"open": 0, "failed": 0, "total": 0}
    return {
        "open": len(checklist.open),
        "failed": len(checklist.failed),
        "total": len(checklist.items),
        "numbers": [n for n, item in enumerate(checklist.items, 1) if item.answer is None],
        "failed_numbers": [
            n for n, item in enumerate(checklist.items, 1) if item.answer is ChecklistAnswer.NO
        ],
    }


def _places(here: Here, places: tuple[str, ...]) -> list[dict[str, str]]:
    """The places of the filing that answer a question, as links into its page."""
    found: dict[str, dict[str, str]] = {}
    for place in places:
        parts = [part for part in place.split("/") if part]
        plain = [part.replace("_", " ").strip() for part in parts]
        words = [plain[0].capitalize(), *plain[1:]]
        address = url_for("agency.filing", case_id=case_id(here), part=parts[0])
        anchor = "-".join(parts)
        label = ", ".join(dict.fromkeys(words))
        found.setdefault(
            label, {"label": label, "href": f"{address}#{anchor}" if len(parts) > 1 else address}
        )
    return list(found.values())[:4]


@page(blueprint, "/cases/<case_id>/screening/answer", post="case:see", endpoint="screening_answer")
def answer(here: Here) -> Response:
    """Every answer that changed becomes an act of its own, one after the other."""
    checklist = here.facts.checklist
    if checklist is None:
        return here.redirect("agency.screening", case_id=case_id(here))
    form = forms.posted(here.form, checklist)
    if form.problems and not here.person.is_lab:
        return show(here, form, status=422)
    return _perform_all(here, form.entries, form)


@page(blueprint, "/cases/<case_id>/screening/as-found", post="case:see", endpoint="screening_as_found")
def as_found(here: Here) -> Response:
    """Answer the open questions as the rules found them; the person who presses answers for it."""
    checklist = here.facts.checklist
    if checklist is None:
        return here.redirect("agency.screening", case_id=case_id(here))
    return _perform_all(here, forms.as_the_rules_found(checklist), None)


def _perform_all(
    here: Here, entries: tuple[ChecklistEntry, ...], form: forms.ChecklistForm | None
) -> Response:
    key = here.form.get("key", "")[:40]
    case = case_id(here)
    index = None
    here.release()
    for entry in entries:
        try:
            done = perform(
                here.office,
                here.person.id,
                Act.ANSWER_CHECKLIST_ITEM,
                case,
                entry,
                key=f"{key}:{entry.key}" if key else None,
            )
        except Refused as refused:
            here.__dict__.pop("facts", None)
            again = refusing(here, Act.ANSWER_CHECKLIST_ITEM, lambda shown: show(here, form, refused=shown))
            return errors.refused(here, Act.ANSWER_CHECKLIST_ITEM, refused.refusals, again)
        except Conflict:
            return errors.conflict(here)
        index = done.index
    count = len(entries)
    words = "No answer changed." if not count else f"{count} answer{'' if count == 1 else 's'} kept."
    here.confirm(words, index)
    return here.redirect("agency.screening", case_id=case)


def _simple(here: Here, act: Act, given: Any = None, to: str = "agency.now") -> Response:
    return here.do(act, given, to=to, again=refusing(here, act, lambda shown: show(here, refused=shown)))


@page(blueprint, "/cases/<case_id>/screening/accept", post="case:see", endpoint="accept")
def accept(here: Here) -> Response:
    """The filing is complete: the review begins, its clock counted from receipt."""
    return _simple(here, Act.ACCEPT)


@page(blueprint, "/cases/<case_id>/screening/refuse", post="case:see", endpoint="refuse")
def refuse(here: Here) -> Response:
    """The filing goes back to the lab with each thing to cure."""
    return _simple(here, Act.REFUSE_TO_ACCEPT)


@page(blueprint, "/cases/<case_id>/screening/concur", post="case:see", endpoint="concur_refusal")
def concur(here: Here) -> Response:
    """The lead agrees with the refusal; a note is optional."""
    form = posted_reason(here.form)
    given = form.given if form.reason else None
    return _simple(here, Act.CONCUR_REFUSAL, given, to="agency.screening")
