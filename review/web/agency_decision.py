"""From recommendation to decision: the memo, what is proposed and what blocks it, concurrence, panel, signatures."""

from typing import Any

from flask import Response, abort, url_for

from forms import memo as forms
from forms.posted import Problem, action
from forms.team import posted_reason
from review.rules import conditions, reasons
from review.rules.entities import Decision, NoticeOfIntendedDecision
from review.rules.given import NotConcurred, Target
from review.rules.vocabulary import Act, BenefitRiskDimension, Outcome, Role, Severity, State
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.agency_changes import changes_since_concurrence, last_concurrence, open_for_counsel
from review.web.agency_signing import DECIDE, block_items, blocking, met, signing_act
from review.web.cases import Shown, blueprint, case_file, case_id, case_page, refusing, render
from review.web.here import Here


@case_page("/cases/<case_id>/decision", "decision")
def decision(here: Here) -> Response:
    return show(here)


def show(
    here: Here, *, problems: tuple[Problem, ...] = (), refused: Shown | None = None, status: int = 200
) -> Response:
    """The case on one page for who decides it: what is proposed, why, and what blocks signing."""
    f = here.facts
    file = case_file(here)
    case = case_id(here)
    act = signing_act(f)
    text = _open_text(here)
    found = blocking(f, act) if act else ()
    return render(
        here,
        "agency/decision.html",
        "decision",
        file=file,
        problems=problems,
        refused=refused,
        status=status,
        memo=f.memo,
        memo_signed=bool(f.memo and f.signed(f.memo.signature_id)),
        grid=forms.grid_of(f.memo.benefit_risk) if f.memo else (),
        dimensions=list(BenefitRiskDimension),
        text=text,
        what="decision" if isinstance(text, Decision) else "notice",
        proposal=text.proposal if text else None,
        sentence=lambda record: conditions.sentence_parts(record.condition, file.header.lab),
        feasibility=conditions.feasibility_sentence,
        parts=reasons.PARTS,
        pieces=reasons.pieces,
        source_href=lambda tag: source_href(case, tag),
        act=act,
        blocks=block_items(case, found, _draft_name(act)),
        met=met(f, act) if act else [],
        signable=act is not None and not refusals(ROW[act], f),
        may=_may(here),
        is_official=Role.SIGNATORY in f.my_roles,
        last_notice=f.last_notice,
        weighty=[x for x in f.live_findings if x.severity is not Severity.MINOR],
        grades={line.item.id: line.grade.letter.label for line in file.evidence},
        panel=f.panel,
        counsel=last_concurrence(f),
        counsel_holds=bool(text and f.signed(text.counsel_signature_id)),
        ratified=bool(f.decision and f.signed(f.decision.ratifier_signature_id)),
        decided=f.decision if f.decision and f.decision.decided_at else None,
        authorization=f.authorization,
        Outcome=Outcome,
    )


def _open_text(here: Here) -> Decision | NoticeOfIntendedDecision | None:
    """The text that is being worked on, or was decided last."""
    f = here.facts
    if f.draft_notice is not None:
        return f.draft_notice
    return f.decision or f.last_notice


def _draft_name(act: Act | None) -> str:
    """Which editor holds the text that an act signs."""
    return "decision" if act in DECIDE.values() else "notice"


def _may(here: Here) -> dict[str, Any]:
    """Which acts of this page are open to the person."""
    wanted = (
        Act.DRAFT_MEMO,
        Act.RECOMMEND,
        Act.RETURN_RECOMMENDATION,
        Act.FORWARD_CLEAN,
        Act.DRAFT_NOTICE,
        Act.DRAFT_DECISION,
        Act.CONCUR_LEGAL_SUFFICIENCY,
        Act.RECORD_PANEL_ADVICE,
        Act.RATIFY,
    )
    return {act.value: not refusals(ROW[act], here.facts) for act in wanted}


def source_href(case: str, tag: str) -> str:
    """Where a source named in the reasons can be read."""
    if tag.startswith("F-"):
        return url_for("agency.review", case_id=case) + f"#{tag}"
    if tag.startswith("EV-"):
        return url_for("agency.item", case_id=case, number=tag)
    if tag.startswith("IR-"):
        return url_for("agency.questions", case_id=case) + f"#{tag}"
    if tag.startswith("C-"):
        return url_for("agency.decision", case_id=case) + f"#{tag}"
    return url_for("agency.decision", case_id=case) + "#memo"


# The memo ----------------------------------------------------------------------------------------


def show_memo(
    here: Here, form: forms.MemoForm | None = None, *, refused: Shown | None = None, status: int = 200
) -> Response:
    f = here.facts
    found = refusals(ROW[Act.RECOMMEND], f)
    return render(
        here,
        "agency/memo.html",
        "decision",
        title="Memo",
        form=form or forms.stored(f.memo),
        problems=form.problems if form else (),
        refused=refused,
        status=status,
        may=not refusals(ROW[Act.DRAFT_MEMO], f),
        may_recommend=not found,
        blocks=block_items(case_id(here), found) if f.state is State.SUBSTANTIVE_REVIEW else [],
        outcomes=list(Outcome),
        returned=f.memo.returned_because if f.memo else "",
        reviews=[r for r in f.live_reviews if r.conclusion],
        findings=[x for x in f.live_findings if x.severity is not Severity.MINOR],
        stored=f.memo,
    )


@page(blueprint, "/cases/<case_id>/decision/memo/save", post="case:see", endpoint="save_memo")
def save_memo(here: Here) -> Response:
    """Keep the memo; then read and sign the recommendation, if that was the button."""
    form = forms.posted(here.form)
    if form.problems:
        return show_memo(here, form, status=422) if not here.person.is_lab else abort(404)
    verb, _ = action(here.form)
    case = case_id(here)
    memo = url_for("agency.proposal_part", case_id=case, part="memo")
    return here.do(
        Act.DRAFT_MEMO,
        form.given,
        to=url_for("agency.sign_memo", case_id=case) if verb == "sign" else memo,
        again=refusing(here, Act.DRAFT_MEMO, lambda shown: show_memo(here, form, refused=shown)),
    )


@page(blueprint, "/cases/<case_id>/decision/memo/sign", get="case:see", endpoint="sign_memo")
def sign_memo(here: Here) -> Response:
    outcome = here.facts.recommended
    words = f"Sign the memo: recommend to {outcome.label.lower()}" if outcome else "Sign the memo"
    return here.sign(
        Act.RECOMMEND,
        None,
        title=words,
        to=url_for("agency.decision", case_id=case_id(here)),
        preview_template="agency/preview.html",
    )


# Simple acts -------------------------------------------------------------------------------------


@page(blueprint, "/cases/<case_id>/decision/return", post="case:see", endpoint="return_recommendation")
def return_recommendation(here: Here) -> Response:
    """Back to review, with the reason; once."""
    form = posted_reason(here.form)
    if form.problems and not here.person.is_lab:
        return show(here, problems=form.problems, status=422)
    act = Act.RETURN_RECOMMENDATION
    return here.do(
        act, form.given, to="agency.now", again=refusing(here, act, lambda shown: show(here, refused=shown))
    )


@page(blueprint, "/cases/<case_id>/decision/forward", post="case:see", endpoint="forward")
def forward(here: Here) -> Response:
    """An approval without conditions needs no notice."""
    act = Act.FORWARD_CLEAN
    return here.do(
        act, to="agency.decision", again=refusing(here, act, lambda shown: show(here, refused=shown))
    )


# Concurrence -------------------------------------------------------------------------------------


@case_page("/cases/<case_id>/decision/concurrence", "concurrence")
def concurrence(here: Here) -> Response:
    return show_concurrence(here)


def show_concurrence(
    here: Here, *, problems: tuple[Problem, ...] = (), refused: Shown | None = None, status: int = 200
) -> Response:
    """Counsel reads the text with what changed since the last concurrence."""
    f = here.facts
    text = open_for_counsel(f)
    if text is None:
        return here.redirect("agency.decision", case_id=case_id(here))
    file = case_file(here)
    act = signing_act(f)
    skip = {"counsel", "counsel_dec", "fresh_declaration"}
    return render(
        here,
        "agency/concurrence.html",
        "decision",
        title="Concurrence",
        file=file,
        problems=problems,
        refused=refused,
        status=status,
        reason=here.form.get("reason", "") if problems or refused else "",
        text=text,
        what="decision" if text is f.decision else "notice",
        proposal=text.proposal,
        sentence=lambda record: conditions.sentence_parts(record.condition, file.header.lab),
        feasibility=conditions.feasibility_sentence,
        parts=reasons.PARTS,
        pieces=reasons.pieces,
        source_href=lambda tag: source_href(case_id(here), tag),
        changes=changes_since_concurrence(here, f),
        signed=last_concurrence(f),
        holds=f.signed(text.counsel_signature_id),
        may=not refusals(ROW[Act.CONCUR_LEGAL_SUFFICIENCY], f),
        may_decline=not refusals(ROW[Act.DECLINE_CONCURRENCE], f),
        met=met(f, act) if act else [],
        open_points=block_items(
            case_id(here),
            tuple(r for r in (blocking(f, act) if act else ()) if r.code not in skip),
            _draft_name(act),
        ),
        last_notice=f.last_notice,
        point_answers=text.point_answers if isinstance(text, Decision) else {},
    )


@page(blueprint, "/cases/<case_id>/decision/concurrence/sign", get="case:see", endpoint="sign_concurrence")
def sign_concurrence(here: Here) -> Response:
    target = "decision" if isinstance(open_for_counsel(here.facts), Decision) else "notice"
    return here.sign(
        Act.CONCUR_LEGAL_SUFFICIENCY,
        Target(target=target),
        title=f"Concur with the {target} as legally sufficient",
        to=url_for("agency.decision", case_id=case_id(here)),
        preview_template="agency/preview.html",
    )


@page(blueprint, "/cases/<case_id>/decision/concurrence/decline", post="case:see", endpoint="decline")
def decline(here: Here) -> Response:
    """Counsel says why the text is not legally sufficient."""
    form = posted_reason(here.form)
    if form.problems and not here.person.is_lab:
        return show_concurrence(here, problems=form.problems, status=422)
    target = "decision" if isinstance(open_for_counsel(here.facts), Decision) else "notice"
    return here.do(
        Act.DECLINE_CONCURRENCE,
        NotConcurred(target=target, reason=form.reason),
        to=url_for("agency.decision", case_id=case_id(here)),
        again=refusing(here, Act.DECLINE_CONCURRENCE, lambda shown: show_concurrence(here, refused=shown)),
    )


# Panel, ratifier, official -----------------------------------------------------------------------


def show_panel(
    here: Here, form: forms.AdviceForm | None = None, *, refused: Shown | None = None, status: int = 200
) -> Response:
    f = here.facts
    return render(
        here,
        "agency/panel.html",
        "decision",
        title="Panel advice",
        form=form or forms.stored_advice(f.panel),
        problems=form.problems if form else (),
        refused=refused,
        status=status,
        parts=forms.ADVICE_PARTS,
        panel=f.panel,
        may=not refusals(ROW[Act.RECORD_PANEL_ADVICE], f),
        needed=bool(f.case and f.case.open_weights),
    )


@page(blueprint, "/cases/<case_id>/decision/panel/sign", post="case:see", endpoint="sign_panel")
def sign_panel(here: Here) -> Response:
    """The advice as typed becomes a record when the official has read and signed it."""
    form = forms.posted_advice(here.form)
    if form.problems:
        return show_panel(here, form, status=422) if not here.person.is_lab else abort(404)
    return here.sign(
        Act.RECORD_PANEL_ADVICE,
        form.given,
        title="Record the panel's advice",
        to=url_for("agency.decision", case_id=case_id(here)),
        preview_template="agency/preview.html",
    )


@page(blueprint, "/cases/<case_id>/decision/ratify", get="case:see", endpoint="sign_ratification")
def sign_ratification(here: Here) -> Response:
    return here.sign(
        Act.RATIFY,
        None,
        title="Ratify the decision",
        to=url_for("agency.decision", case_id=case_id(here)),
        preview_template="agency/preview.html",
    )


@page(blueprint, "/cases/<case_id>/decision/sign", get="case:see", endpoint="sign_text")
def sign_text(here: Here) -> Response:
    """The official reads and signs what comes next: the notice, or the decision."""
    act = signing_act(here.facts)
    if act is None:
        return here.redirect("agency.decision", case_id=case_id(here))
    words = {
        Act.ISSUE_NOTICE: "Issue the notice of intended decision",
        Act.ISSUE_NEW_NOTICE: "Issue a new notice of intended decision",
    }
    decided = here.facts.decision
    outcome = decided.proposal.outcome.label.lower() if decided else ""
    title = words.get(act) or f"Sign the decision: {outcome}"
    to = url_for("agency.now" if act not in DECIDE.values() else "agency.decision", case_id=case_id(here))
    return here.sign(act, None, title=title, to=to, preview_template="agency/preview.html")
