"""Questions to the lab: one information request is drafted, concurred with, issued; its answers are read here."""

from flask import Response, request, url_for

from forms import information_request as forms
from forms.posted import action
from review.rules.vocabulary import Act, Role
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.cases import Shown, blueprint, case_id, case_page, refusing, render
from review.web.here import Here


@case_page("/cases/<case_id>/questions", "questions")
def questions(here: Here) -> Response:
    return show(here)


def show(
    here: Here, form: forms.QuestionsForm | None = None, *, refused: Shown | None = None, status: int = 200
) -> Response:
    """All requests, the newest first, and the draft: to read for others, to write for its author."""
    f = here.facts
    draft = f.draft_request
    own = draft is None or draft.drafted_by == here.person.id
    may_draft = not refusals(ROW[Act.DRAFT_INFORMATION_REQUEST], f) and own
    writing = may_draft and (form is not None or draft is None or "edit" in _asked())
    acts = {
        act.value: refusals(ROW[act], f)
        for act in (Act.CONCUR_INFORMATION_REQUEST, Act.ISSUE_INFORMATION_REQUEST)
    }
    issued = sum(r.issued_at is not None for r in f.requests)
    return render(
        here,
        "agency/questions.html",
        "questions",
        refused=refused,
        problems=form.problems if form else (),
        status=status,
        draft=draft,
        drafter=next((a.person_name for a in f.assignments if draft and a.person_id == draft.drafted_by), ""),
        concurrer=next(
            (a.person_name for a in f.assignments if draft and a.person_id == draft.concurred_by), ""
        ),
        own=own,
        may_draft=may_draft,
        form=(form or forms.stored(draft)) if writing else None,
        elements=forms.ELEMENTS,
        findings=[x.number for x in f.live_findings],
        acts=acts,
        is_lead=Role.LEAD in f.my_roles,
        is_official=Role.SIGNATORY in f.my_roles,
        issued=issued,
        holds=f.policy.information_requests.holds_per_cycle,
        answer_days=f.policy.information_requests.answer_days,
        evidence_numbers={item.id: item.number for item in f.evidence},
    )


def _asked() -> frozenset[str]:
    return frozenset(request.args)


@page(blueprint, "/cases/<case_id>/questions/draft", post="case:see", endpoint="draft_request")
def draft(here: Here) -> Response:
    """Keep the draft; adding or removing an item gives the page back with everything typed."""
    form = forms.posted(here.form)
    verb, _ = action(here.form)
    if verb != "save" and not here.person.is_lab:
        return show(here, form)
    if form.problems and not here.person.is_lab:
        return show(here, form, status=422)
    return here.do(
        Act.DRAFT_INFORMATION_REQUEST,
        form.given,
        to=url_for("agency.questions", case_id=case_id(here)),
        again=refusing(here, Act.DRAFT_INFORMATION_REQUEST, lambda shown: show(here, form, refused=shown)),
    )


@page(blueprint, "/cases/<case_id>/questions/concur", post="case:see", endpoint="concur_request")
def concur(here: Here) -> Response:
    """A second person agrees with the question."""
    act = Act.CONCUR_INFORMATION_REQUEST
    return here.do(
        act, to="agency.questions", again=refusing(here, act, lambda shown: show(here, refused=shown))
    )


@page(blueprint, "/cases/<case_id>/questions/issue", post="case:see", endpoint="issue_request")
def issue(here: Here) -> Response:
    """Send the question: the review clock stops until the lab has answered all of it."""
    act = Act.ISSUE_INFORMATION_REQUEST
    return here.do(act, to="agency.now", again=refusing(here, act, lambda shown: show(here, refused=shown)))
