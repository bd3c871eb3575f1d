"""The editor of a notice or decision: outcome, conditions, options, precedents, transition, reasons, answers."""

from typing import Any

import msgspec
from flask import Response, abort, url_for

from forms import proposal as forms
from forms.posted import action
from review.rules import conditions, instruments, reasons
from review.rules.conditions import ConditionType, Feasibility
from review.rules.entities import Decision, NoticeOfIntendedDecision, ResponsePoint
from review.rules.facts import Facts
from review.rules.vocabulary import Act, Outcome, Severity
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.agency_decision import show_memo, show_panel, source_href
from review.web.agency_signing import block_items, blocking, met, signing_act
from review.web.cases import Shown, blueprint, case_file, case_id, case_page, refusing, render
from review.web.here import Here

EDITORS = {"notice": Act.DRAFT_NOTICE, "decision": Act.DRAFT_DECISION}


@case_page("/cases/<case_id>/decision/<part>", "proposal_part")
def proposal_part(here: Here, part: str) -> Response:
    """The pages under the decision: memo, panel, and the editor of notice and decision; `C-02` leads into it."""
    if part == "memo":
        return show_memo(here)
    if part == "panel":
        return show_panel(here)
    if part in EDITORS:
        return show(here, part)
    if part.startswith("C-"):
        what = "notice" if here.facts.draft_notice is not None else "decision"
        return here.redirect(url_for("agency.proposal_part", case_id=case_id(here), part=what) + f"#{part}")
    abort(404)


def show(
    here: Here,
    what: str,
    form: forms.ProposalForm | None = None,
    *,
    refused: Shown | None = None,
    status: int = 200,
    unsaved: bool = False,
) -> Response:
    f = here.facts
    if f.memo is None and form is None:
        return here.redirect("agency.decision", case_id=case_id(here))
    file = case_file(here)
    filled = form or _form(f, what)
    text = _text(f, what)
    act = signing_act(f) or (Act.ISSUE_NOTICE if what == "notice" else None)
    found = blocking(f, act) if act is not None and text is not None else ()
    return render(
        here,
        "agency/proposal.html",
        "decision",
        title="Notice" if what == "notice" else "Draft decision",
        file=file,
        what=what,
        form=filled,
        problems=filled.problems if form else (),
        refused=refused,
        status=status,
        unsaved=unsaved,
        text=text,
        may=not refusals(ROW[EDITORS[what]], f),
        outcomes=[Outcome.RESTRICT, Outcome.DENY] if what == "notice" else list(Outcome),
        kinds=list(ConditionType),
        parameters=conditions.parameters_of,
        sentence=lambda row: conditions.sentence(row.condition, file.header.lab),
        feasibility=lambda row: conditions.feasibility_sentence(tuple(one.record for one in row.feasibility)),
        feasibilities=list(Feasibility),
        kind_of=lambda kind: conditions.KINDS[kind],
        findings=[x for x in f.live_findings if x.severity is not Severity.MINOR] or list(f.live_findings),
        parts=reasons.PARTS,
        reason_problems=_by_part(filled, f),
        vague=[
            f"Part {part.number}: {words}"
            for part in reasons.PARTS
            for words in reasons.vagueness(filled.reasons.get(part.key, ""))
        ],
        points=_points(f, what),
        offered=f.last_notice.offered_conditions if f.last_notice and what == "decision" else "",
        blocks=block_items(case_id(here), found, what),
        met=met(f, act) if act is not None and text is not None else [],
        act=act,
        signable=act is not None and text is not None and not refusals(ROW[act], f),
        memo=f.memo,
        source_href=lambda tag: source_href(case_id(here), tag),
        evidence_numbers=[item.number for item in f.evidence if item.withdrawn is None],
    )


def _text(f: Facts, what: str) -> Decision | NoticeOfIntendedDecision | None:
    return f.draft_notice if what == "notice" else f.decision


def _form(f: Facts, what: str) -> forms.ProposalForm:
    """The draft; a first draft of a decision starts from the notice that the lab answered."""
    if what == "notice" and f.draft_notice is not None:
        return forms.stored(f.draft_notice.proposal)
    if what == "decision" and f.decision is not None:
        return forms.stored(f.decision.proposal, f.decision.point_answers)
    if what == "notice" and f.decision is not None:
        return forms.stored(f.decision.proposal)
    if what == "decision" and f.last_notice is not None:
        return forms.stored(f.last_notice.proposal)
    return forms.fresh(f.recommended)


def _points(f: Facts, what: str) -> tuple[ResponsePoint, ...]:
    return f.last_notice.points if what == "decision" and f.last_notice is not None else ()


def _by_part(form: forms.ProposalForm, f: Facts) -> dict[str, str]:
    answered = f.last_notice is not None and f.last_notice.response == "RESPONSE"
    return {one.key: one.sentence for one in reversed(reasons.problems(form.reasons, answered))}


def channels_filed(f: Facts) -> list[dict[str, Any]]:
    """The rows of the filing's feasibility table (P5); a channel of P1 without a row is a row of its own."""
    if not f.filings:
        return []
    plan = f.filings[-1].answers.get("deployment_plan", {})
    rows = instruments.rows_of(plan.get("P5", {}).get("feasibility"))
    found = [dict(row.get("answers") or {}) for row in rows]
    seen = {row.get("channel") for row in found}
    for row in instruments.rows_of(plan.get("P1", {}).get("channels")):
        channel = (row.get("answers") or {}).get("channel")
        if isinstance(channel, str) and channel not in seen:
            found.append({"channel": channel})
    return [row for row in found if isinstance(row.get("channel"), str)]


@page(blueprint, "/cases/<case_id>/decision/<part>/save", post="case:see", endpoint="save_proposal")
def save(here: Here, part: str) -> Response:
    """Keep the draft; a button that adds, removes or drafts gives the page back with all that was typed."""
    if part not in EDITORS:
        abort(404)
    f = here.facts
    form = forms.posted(here.form, channels_filed(f), _points(f, part))
    verb, _ = action(here.form)
    if here.person.is_lab and (verb != "save" or form.problems):
        abort(404)
    if verb == "draft-reasons":
        form = _drafted(f, form, part)
    if verb != "save":
        return show(here, part, form, unsaved=True)
    if form.problems:
        return show(here, part, form, status=422)
    act = EDITORS[part]
    return here.do(
        act,
        form.given(f.memo, f.evidence),
        to=url_for("agency.proposal_part", case_id=case_id(here), part=part),
        again=refusing(here, act, lambda shown: show(here, part, form, refused=shown)),
    )


def _drafted(f: Facts, form: forms.ProposalForm, what: str) -> forms.ProposalForm:
    """The form with reasons drafted from findings and memo; its outcome stays."""
    drafted = forms.with_drafted_reasons(
        form, f.live_findings, f.memo, f.policy.agency.legal_basis, _points(f, what), f.evidence
    )
    return msgspec.structs.replace(drafted, outcome=form.outcome)
