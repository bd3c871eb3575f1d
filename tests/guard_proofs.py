"""For each named guard a concrete act that is open, and what is then taken away so that the guard alone refuses it."""

from collections.abc import Callable, Iterator

import msgspec

from review.demo.play import MANAGER
from review.rules.facts import Facts
from review.rules.given import (
    Assign,
    Invitation,
    ItemAnswer,
    Match,
    NewOrganization,
    NoticeAnswer,
    OpenDraft,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    RoleRequest,
    Target,
)
from review.rules.vocabulary import (
    Act,
    ChecklistAnswer,
    Conclusion,
    Discipline,
    Outcome,
    Role,
)
from tests.builders import LAB, memo
from tests.guard_changes import (
    ANNA,
    COUNSEL,
    FILING,
    GAP,
    INES,
    INTAKE,
    KOFI,
    LEAD,
    NEWCOMER,
    PROTEST,
    QUESTION,
    RATIFIER,
    RUTH,
    SHORT,
    THE_SYSTEM,
    A,
    Change,
    S,
    about_another_model,
    advised,
    answered,
    asked_by_me,
    at,
    bare_finding,
    broken,
    cite,
    confirms,
    decision,
    declared_days_ago,
    drafted,
    drafted_before_the_notice,
    facts,
    failed_item_without_cure,
    finding,
    first_item,
    given,
    house,
    issued,
    later,
    new_notice,
    newcomer,
    newer_evidence,
    no_conclusion,
    notice,
    once_lead,
    open_question,
    point_unanswered,
    refused_days_ago,
    request,
    rests_on,
    the_memo,
    undrafted_notice,
    unsigned,
    with_,
    without,
)
from tests.stages import PANEL


class Proof(msgspec.Struct, frozen=True):
    """`act` is open to `user` at these facts; after `spoil` it is refused by `guard`.

    `alone` is False where another guard says the same thing too, so that the act stays refused without this one.
    """

    guard: str
    act: Act
    facts: Callable[[], Facts]
    spoil: Change
    code: str
    alone: bool = True


def proofs() -> Iterator[Proof]:
    yield from _filing()
    yield from _review()
    yield from _recommendation()
    yield from _decision()
    yield from _people()


def _proof(
    guard: str, act: Act, base: Callable[[], Facts], spoil: Change, code: str = "", *, alone: bool = True
) -> Proof:
    return Proof(guard, act, base, spoil, code or guard, alone)


def _filing() -> Iterator[Proof]:
    yield _proof("lab_verified", A.OPEN_DRAFT, house(LAB, OpenDraft(model_name="Tern")), _unverified)
    yield _proof("complete", A.SUBMIT, at(S.DRAFT, LAB), facts(missing=(GAP,)))
    yield _proof("files_intact", A.SUBMIT, at(S.DRAFT, LAB), broken)
    yield _proof(
        "deficiencies_answered",
        A.RESUBMIT_AFTER_REFUSAL,
        at(S.REFUSED_TO_ACCEPT, LAB, FILING, facts(missing=())),
        given(answered_deficiencies={"comparators": " "}),
    )
    refused = at(S.REFUSED_TO_ACCEPT, LAB, PROTEST, later(10))
    yield _proof("protest_window", A.FILE_OVER_PROTEST, refused, later(1))
    yield _proof("conference", A.FILE_OVER_PROTEST, refused, given(conference=""))
    yield _proof("identity_not_waivable", A.FILE_OVER_PROTEST, refused, first_item(answer=ChecklistAnswer.NO))
    yield _proof("reason", A.FILE_OVER_PROTEST, refused, given(reason=" "))
    yield _proof("reason", A.WITHDRAW, at(S.DRAFT, LAB, Reason(reason="Put off.")), given(reason=""))
    match = Match(evidence_id="EV-01", is_subject=True, note="The lab says so.")
    yield _proof("subject_named", A.MATCH_SUBJECT, at(S.DRAFT, LAB, match), given(note=" "))
    yield _proof(
        "finished_run", A.CONFIRM_MEASUREMENT, at(S.DRAFT, LAB, None, confirms("EV-01")), confirms("EV-05")
    )
    screened = at(S.ACCEPTANCE_SCREENING, INTAKE, None, answered())
    unmet = answered("comparators")
    yield _proof("checklist_done", A.ACCEPT, screened, first_item(answer=None))
    yield _proof("every_item_met", A.ACCEPT, screened, unmet)
    yield _proof(
        "every_item_met", A.ACCEPT, screened, first_item(answer=ChecklistAnswer.NOT_APPLICABLE, note=" ")
    )
    yield _proof("lead_assigned", A.ACCEPT, screened, without(Role.LEAD))
    concurs = at(S.ACCEPTANCE_SCREENING, LEAD, None, unmet)
    yield _proof("failed_item", A.CONCUR_REFUSAL, concurs, answered())
    yield _proof("locator_and_cure", A.CONCUR_REFUSAL, concurs, failed_item_without_cure)
    refusing = at(S.ACCEPTANCE_SCREENING, INTAKE, None, answered("comparators", concurred_by="daniel"))
    yield _proof(
        "refusal_concurred", A.REFUSE_TO_ACCEPT, refusing, answered("comparators", concurred_by=None)
    )
    lapsed = at(S.ACCEPTANCE_SCREENING, THE_SYSTEM, None, later(8))
    yield _proof("screening_lapsed", A.ACCEPT_BY_LAPSE, lapsed, later(-1))
    silent = at(S.REFUSED_TO_ACCEPT, THE_SYSTEM, None, refused_days_ago(61, warned=7))
    for spoil in (refused_days_ago(60, warned=7), refused_days_ago(61), refused_days_ago(90, warned=6)):
        yield _proof("refusal_silence", A.CLOSE_INACTIVE, silent, spoil)


def _unverified(f: Facts) -> Facts:
    return with_(f, actor=with_(f.actor, organization_verified=False))


def _review() -> Iterator[Proof]:
    cyber = ReviewConclusion(discipline=Discipline.CYBER, conclusion=Conclusion.NO_CONCERN)
    yield _proof(
        "review_by_reviewers",
        A.CONCLUDE_REVIEW,
        at(S.SUBSTANTIVE_REVIEW, INES, cyber),
        given(discipline=Discipline.CBRN),
    )
    writes = at(S.SUBSTANTIVE_REVIEW, INES, None, finding())
    yield _proof("G-EVID", A.WRITE_FINDING, writes, finding(citations=()))
    yield _proof(
        "G-EVID",
        A.WRITE_FINDING,
        writes,
        lambda f: finding(citations=(with_(cite(f, "EV-01"), locator=""),))(f),
    )
    yield _proof(
        "G-EVID",
        A.WRITE_FINDING,
        writes,
        lambda f: finding(citations=(with_(cite(f, "EV-01"), sha256="0" * 64),))(f),
    )
    yield _proof(
        "G-EVID", A.WRITE_FINDING, writes, lambda f: broken(finding(citations=(cite(f, "EV-02"),))(f))
    )
    yield _proof("finding_complete", A.WRITE_FINDING, writes, finding(uncertainty=" "))
    yield _proof("finding_complete", A.WRITE_FINDING, writes, finding(alternative_reading=" "))
    yield _proof("G-STALE", A.WRITE_FINDING, writes, about_another_model)
    signs = at("ready to recommend", INES, ReviewOf(discipline=Discipline.CYBER))
    yield _proof("review_ready", A.SIGN_REVIEW, signs, no_conclusion)
    asks = at(S.SUBSTANTIVE_REVIEW, INES, Questions(items=(QUESTION,)))
    for part in ("provided", "missing", "basis", "cure"):
        lacking = with_(QUESTION, **{part: " "})
        yield _proof("four_elements", A.DRAFT_INFORMATION_REQUEST, asks, given(items=(lacking,)))
    yield _proof("no_request_open", A.DRAFT_INFORMATION_REQUEST, asks, drafted(LEAD))
    issues = at(S.SUBSTANTIVE_REVIEW, LEAD, None, drafted(INES))
    yield _proof("question_drafted", A.ISSUE_INFORMATION_REQUEST, issues, facts(requests=()))
    yield _proof("request_concurred", A.ISSUE_INFORMATION_REQUEST, issues, drafted(LEAD))
    yield _proof(
        "not_asked_before", A.ISSUE_INFORMATION_REQUEST, issues, issued("IR-01", QUESTION.missing.upper())
    )
    yield _proof(
        "holds_left",
        A.ISSUE_INFORMATION_REQUEST,
        at(S.SUBSTANTIVE_REVIEW, LEAD, None, drafted(INES), issued("IR-01", "a")),
        issued("IR-02", "b"),
    )
    yield _proof("G-SOD-2", A.CONCUR_INFORMATION_REQUEST, issues, drafted(LEAD))
    held = at(S.INFORMATION_REQUEST_HOLD, LAB, None, open_question())
    yield _proof("every_item_answered", A.RESPOND_TO_INFORMATION_REQUEST, held, open_question(answer=" "))
    answer = at(S.INFORMATION_REQUEST_HOLD, LAB, ItemAnswer(item_id="Q-1", answer="Here."))
    yield _proof("item_exists", A.ANSWER_ITEM, answer, given(item_id="Q-7"))
    yield _proof("item_exists", A.ANSWER_ITEM, answer, given(answer=" "))
    silent = at(S.INFORMATION_REQUEST_HOLD, THE_SYSTEM, None, open_question(61, (30, 31), (53, 8)))
    for spoil in (
        open_question(60, (30, 30), (53, 7)),
        open_question(61, (30, 31)),
        open_question(90, (30, 6), (53, 6)),
    ):
        yield _proof("request_silence", A.DEEM_WITHDRAWN, silent, spoil)


def returned(f: Facts) -> Facts:
    """The recommendation was returned once already."""
    assert f.cycle is not None
    return with_(f, cycle=with_(f.cycle, returned=1))


def _recommendation() -> Iterator[Proof]:
    ready = at("ready to recommend", LEAD)
    yield _proof("quorum", A.RECOMMEND, ready, unsigned(lambda f: f.live_reviews[0].signature_id))
    yield _proof("findings_cite", A.RECOMMEND, ready, bare_finding)
    yield _proof("memo_ready", A.RECOMMEND, ready, facts(memo=None))
    yield _proof("memo_ready", A.RECOMMEND, ready, the_memo(summary=" "))
    grid = the_memo(recommendation=Outcome.RESTRICT, benefit_risk=memo(Outcome.RESTRICT).benefit_risk[:4])
    yield _proof("benefit_risk", A.RECOMMEND, ready, grid)
    recommended = at(S.RECOMMENDATION, LEAD)
    yield _proof("clean_approval", A.FORWARD_CLEAN, recommended, the_memo(recommendation=Outcome.RESTRICT))
    returns = at(S.RECOMMENDATION, RUTH, Reason(reason="Ask for the interval."))
    yield _proof(
        "returned_once",
        A.RETURN_RECOMMENDATION,
        returns,
        returned,
    )
    first = at("notice drafted", RUTH)
    second = at("restriction pending", RUTH, None, new_notice)
    for act, base in ((A.ISSUE_NOTICE, first), (A.ISSUE_NEW_NOTICE, second)):
        yield _proof("adverse_recommendation", act, base, notice(outcome=Outcome.APPROVE))
        yield _proof("G-REASONS", act, base, notice(**SHORT))
        yield _proof("G-LRA", act, base, notice(alternatives=()))
        yield _proof("consistency", act, base, notice(comparables_note=" "))
        yield _proof("feasibility", act, base, notice(conditions=()), "G-COND")
        yield _proof("transition", act, base, notice(transition=" "))
        yield _proof("counsel", act, base, unsigned(lambda f: f.notices[-1].counsel_signature_id))
    yield _proof("new_notice_needed", A.ISSUE_NEW_NOTICE, second, undrafted_notice, alone=False)
    concurs = at("notice drafted", COUNSEL, Target(target="notice"))
    yield _proof("counsel_target", A.CONCUR_LEGAL_SUFFICIENCY, concurs, facts(notices=()))
    yield _proof("counsel_target", A.CONCUR_LEGAL_SUFFICIENCY, concurs, given(target="decision"))
    points = at(S.LAB_RESPONSE_WINDOW, LAB, NoticeAnswer(points=("It is gated.",)))
    yield _proof("response_open", A.ANSWER_NOTICE, points, given(points=(" ",)))
    lapsed = at(S.LAB_RESPONSE_WINDOW, THE_SYSTEM, None, later(11))
    yield _proof("window_lapsed", A.CLOSE_RESPONSE_WINDOW, lapsed, later(-1))


def _decision() -> Iterator[Proof]:
    bases = (
        (A.APPROVE, "outcome_approve", at(S.DECISION_PENDING, RUTH)),
        (A.RESTRICT, "outcome_restrict", at("restriction pending", RUTH)),
        (A.DENY, "outcome_deny", at("denial pending", RUTH)),
    )
    for act, outcome, base in bases:
        yield _proof(
            "signatures_valid", act, base, unsigned(lambda f: f.memo.signature_id if f.memo else None)
        )
        yield _proof("signatures_valid", act, base, unsigned(lambda f: f.live_reviews[0].signature_id))
        yield _proof("fresh_declaration", act, base, declared_days_ago(31))
        yield _proof("G-REASONS-DEC", act, base, decision(**SHORT), "G-REASONS")
        yield _proof("consistency_dec", act, base, decision(comparables_note=" "), "consistency")
        yield _proof(
            "counsel_dec",
            act,
            base,
            unsigned(lambda f: f.decision.counsel_signature_id if f.decision else None),
            "counsel",
        )
        yield _proof("files_intact", act, base, broken)
        yield _proof("outcome_matches", act, base, facts(decision=None), alone=False)
        wrong = Outcome.DENY if act is A.APPROVE else Outcome.APPROVE
        yield _proof(outcome, act, base, decision(outcome=wrong), "outcome", alone=act is not A.APPROVE)
    restrict, deny = bases[1][2], bases[2][2]
    for act, base in ((A.RESTRICT, restrict), (A.DENY, deny)):
        yield _proof("points_answered", act, base, point_unanswered)
        yield _proof("points_answered", act, base, drafted_before_the_notice)
        yield _proof("G-LRA-DEC", act, base, decision(alternatives=()), "G-LRA")
        yield _proof("transition_dec", act, base, decision(transition=" "), "transition")
        yield _proof("decisive_grade", act, base, rests_on("EV-07"))
        yield _proof("G-NOTICE", act, base, newer_evidence)
    yield _proof("G-NOTICE", A.DENY, deny, notice(outcome=Outcome.RESTRICT))
    yield _proof("G-COND", A.RESTRICT, restrict, decision(conditions=()))
    yield _proof("G-DENY", A.DENY, deny, decision(path_to_approval=" "))
    ratified = at("open weights, decision drafted", RUTH, None, advised)
    yield _proof("open_weights_panel", A.APPROVE, ratified, facts(panel=None))
    yield _proof("open_weights_panel", A.APPROVE, ratified, unsigned(lambda f: "ruth signed"))
    yield _proof("open_weights_ratified", A.APPROVE, ratified, unsigned(lambda f: "grace signed"))
    closed_weights: Change = lambda f: with_(f, case=with_(f.case, open_weights=False))  # type: ignore[type-var]  # noqa: E731
    yield _proof("is_open_weights", A.RATIFY, at("open weights, decision drafted", RATIFIER), closed_weights)
    yield _proof(
        "is_open_weights", A.RECORD_PANEL_ADVICE, at("open weights, in review", RUTH, PANEL), closed_weights
    )


def _people() -> Iterator[Proof]:
    assign = Assign(person_id=NEWCOMER.id, role=Role.SIGNATORY)
    assigns = at(S.SUBSTANTIVE_REVIEW, MANAGER, assign, newcomer(Role.SIGNATORY, Role.COUNSEL))
    yield _proof("G-SOD-1", A.ASSIGN_ROLE, assigns, once_lead)
    yield _proof("assignable", A.ASSIGN_ROLE, assigns, newcomer(Role.COUNSEL))
    yield _proof("assignable", A.ASSIGN_ROLE, assigns, facts(subject=with_(NEWCOMER, active=False)))
    yield _proof("assignable", A.ASSIGN_ROLE, assigns, given(role=Role.REVIEWER))
    ask = RoleRequest(person_id=NEWCOMER.id, role=Role.LEAD)
    asks = house(KOFI, ask, newcomer())
    yield _proof(
        "role_for_agency", A.REQUEST_ROLE, asks, facts(subject=with_(NEWCOMER, organization_id="lab"))
    )
    manager_too: Change = lambda f: newcomer(Role.SYS_ADMIN)(given(role=Role.DOCKET_MANAGER)(f))  # noqa: E731
    yield _proof("role_for_agency", A.REQUEST_ROLE, asks, manager_too)
    grants_ = house(ANNA, Target(target="asked"), request("kofi"))
    yield _proof("other_administrator", A.GRANT_ROLE, grants_, asked_by_me)
    yield _proof("other_administrator", A.GRANT_ROLE, grants_, request("kofi", granted="anna"))
    registers = house(KOFI, NewOrganization(name="Calder"))
    yield _proof("lab_named", A.REGISTER_ORGANIZATION, registers, given(name=" "))
    invites = house(KOFI, Invitation(user_id="a@b.example", name="A B"))
    yield _proof("invitable", A.INVITE, invites, given(user_id="nobody"))
    yield _proof("invitable", A.INVITE, invites, given(name=" "))
    yield _proof("invitable", A.INVITE, invites, given(lab_role=Role.LAB_RA))
