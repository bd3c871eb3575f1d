"""THE TABLE: who may do what, from where, on what conditions, with which consequences.

Pages, buttons, refusals, tests and the manual are read from it. It checks itself when it is imported. Rows T01
to T33 move a case; rows K01 and on keep its state; rows H01 and on concern people and no case.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from review.rules import guards as guard_rules
from review.rules import permissions
from review.rules.facts import Facts
from review.rules.refusals import Refusal
from review.rules.vocabulary import DECIDED, OPEN, Act, DocumentKind, Meaning, State

D = DocumentKind


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `start` holds the from-states (None: before there is a case); `to` None keeps the state.

    `by_system` rows are due by themselves; `then` acts follow in the same transaction.
    """

    id: str
    start: frozenset[State | None]
    act: Act
    to: State | None
    permission: str
    guards: tuple[str, ...] = ()
    clock: str = ""
    signature: Meaning | None = None
    documents: tuple[DocumentKind, ...] = ()
    notify: tuple[str, ...] = ()
    then: tuple[Act, ...] = ()
    button: str = ""

    @property
    def by_system(self) -> bool:
        return self.permission == "system:act"

    @property
    def label(self) -> str:
        return self.button or self.act.label

    def target(self, state: State | None) -> State | None:
        """The state after this step, from a given one."""
        return self.to if self.to is not None else state


def _row(
    id: str,
    start: State | Iterable[State | None] | None,
    act: Act,
    to: State | None,
    permission: str,
    *guards: str,
    **more: Any,
) -> Row:
    states = frozenset({start}) if start is None or isinstance(start, State) else frozenset(start)
    return Row(id=id, start=states, act=act, to=to, permission=permission, guards=guards, **more)


S = State
A = Act
BEFORE: None = None
LAB_DRAFTS = (S.DRAFT, S.REFUSED_TO_ACCEPT)
TEAM_WORKS = (
    S.ACCEPTANCE_SCREENING,
    S.REFUSED_TO_ACCEPT,
    S.SUBSTANTIVE_REVIEW,
    S.INFORMATION_REQUEST_HOLD,
    S.RECOMMENDATION,
    S.LAB_RESPONSE_WINDOW,
    S.DECISION_PENDING,
)
ADVERSE = ("G-REASONS", "G-LRA", "consistency", "feasibility", "transition", "counsel")
G_DEC = (
    "outcome_matches",
    "signatures_valid",
    "fresh_declaration",
    "G-REASONS-DEC",
    "consistency_dec",
    "points_answered",
    "counsel_dec",
    "files_intact",
    "open_weights_panel",
    "open_weights_ratified",
)
G_ADVERSE = ("G-NOTICE", "G-LRA-DEC", "transition_dec", "decisive_grade")

# fmt: off
TABLE: tuple[Row, ...] = (
    _row("T01", BEFORE, A.OPEN_DRAFT, S.DRAFT, "case:open", "lab_verified"),
    _row(
        "T02", S.DRAFT, A.SUBMIT, S.SUBMITTED, "case:file", "complete", "files_intact",
        clock="receipt date fixed", signature=Meaning.ATTESTATION, documents=(D.DOC_ACK,),
        notify=("INTAKE", "DOCKET_MANAGER"), then=(A.BEGIN_SCREENING,),
    ),
    _row("T03", S.SUBMITTED, A.BEGIN_SCREENING, S.ACCEPTANCE_SCREENING, "system:act", clock="screening timer"),
    _row(
        "T04", S.ACCEPTANCE_SCREENING, A.REFUSE_TO_ACCEPT, S.REFUSED_TO_ACCEPT, "case:screen",
        "checklist_done", "failed_item", "locator_and_cure", "refusal_concurred",
        documents=(D.DOC_RTA,), notify=("LAB",),
    ),
    _row(
        "T05", S.ACCEPTANCE_SCREENING, A.ACCEPT, S.SUBSTANTIVE_REVIEW, "case:screen",
        "checklist_done", "every_item_met", "lead_assigned",
        clock="start, from receipt", documents=(D.DOC_FILING,), notify=("LAB", "TEAM"),
    ),
    _row(
        "T06", S.ACCEPTANCE_SCREENING, A.ACCEPT_BY_LAPSE, S.SUBSTANTIVE_REVIEW, "system:act", "screening_lapsed",
        clock="start, from receipt", documents=(D.DOC_FILING,), notify=("LAB", "LEAD"),
    ),
    _row(
        "T07", S.REFUSED_TO_ACCEPT, A.RESUBMIT_AFTER_REFUSAL, S.SUBMITTED, "case:file",
        "complete", "files_intact", "deficiencies_answered",
        clock="new receipt", signature=Meaning.ATTESTATION, documents=(D.DOC_ACK,), notify=("INTAKE",),
        then=(A.BEGIN_SCREENING,),
    ),
    _row(
        "T08", S.REFUSED_TO_ACCEPT, A.FILE_OVER_PROTEST, S.SUBSTANTIVE_REVIEW, "case:file",
        "protest_window", "conference", "identity_not_waivable", "reason",
        clock="start, from the protest", documents=(D.DOC_PROTEST,), notify=("LEAD",),
    ),
    _row(
        "T09", S.REFUSED_TO_ACCEPT, A.CLOSE_INACTIVE, S.CLOSED_INACTIVE, "system:act", "refusal_silence",
        clock="end", documents=(D.DOC_CLOSE,), notify=("LAB",),
    ),
    _row(
        "T10", S.SUBSTANTIVE_REVIEW, A.ISSUE_INFORMATION_REQUEST, S.INFORMATION_REQUEST_HOLD, "case:lead",
        "question_drafted", "four_elements", "request_concurred", "not_asked_before", "holds_left",
        clock="stop", documents=(D.DOC_IR,), notify=("LAB",),
    ),
    _row(
        "T11", S.INFORMATION_REQUEST_HOLD, A.RESPOND_TO_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, "case:file",
        "every_item_answered", "files_intact",
        clock="resume, from the response", documents=(D.DOC_IRR,), notify=("TEAM",),
    ),
    _row(
        "T12", S.INFORMATION_REQUEST_HOLD, A.DEEM_WITHDRAWN, S.WITHDRAWN_DEEMED, "system:act", "request_silence",
        clock="end", documents=(D.DOC_CLOSE,), notify=("LAB", "TEAM"),
    ),
    _row(
        "T18", S.SUBSTANTIVE_REVIEW, A.RECOMMEND, S.RECOMMENDATION, "case:lead",
        "quorum", "findings_cite", "memo_ready", "benefit_risk",
        signature=Meaning.AUTHORSHIP, documents=(D.DOC_CDTL,), notify=("SIGNATORY",),
    ),
    _row(
        "T19", S.RECOMMENDATION, A.RETURN_RECOMMENDATION, S.SUBSTANTIVE_REVIEW, "case:decide",
        "returned_once", "reason", documents=(D.DOC_RETURN,), notify=("LEAD",),
    ),
    _row("T20", S.RECOMMENDATION, A.FORWARD_CLEAN, S.DECISION_PENDING, "case:lead", "clean_approval"),
    _row(
        "T21", S.RECOMMENDATION, A.ISSUE_NOTICE, S.NOTICE_OF_INTENDED_DECISION, "case:decide",
        "adverse_recommendation", *ADVERSE,
        clock="stop", signature=Meaning.RESPONSIBILITY, documents=(D.DOC_NOID,), notify=("LAB",),
        then=(A.OPEN_RESPONSE_WINDOW,),
    ),
    _row(
        "T22", S.NOTICE_OF_INTENDED_DECISION, A.OPEN_RESPONSE_WINDOW, S.LAB_RESPONSE_WINDOW, "system:act",
        clock="stays stopped", notify=("LAB",),
    ),
    _row(
        "T23", S.LAB_RESPONSE_WINDOW, A.ANSWER_NOTICE, S.DECISION_PENDING, "case:file", "response_open",
        clock="resume", documents=(D.DOC_RESP,), notify=("SIGNATORY",),
    ),
    _row(
        "T23b", S.LAB_RESPONSE_WINDOW, A.CLOSE_RESPONSE_WINDOW, S.DECISION_PENDING, "system:act", "window_lapsed",
        clock="resume", documents=(D.DOC_RESP,), notify=("SIGNATORY", "LAB"),
    ),
    _row(
        "T24", S.DECISION_PENDING, A.ISSUE_NEW_NOTICE, S.NOTICE_OF_INTENDED_DECISION, "case:decide",
        "new_notice_needed", "adverse_recommendation", *ADVERSE,
        clock="stop", signature=Meaning.RESPONSIBILITY, documents=(D.DOC_NOID_2,), notify=("LAB",),
        then=(A.OPEN_RESPONSE_WINDOW,),
    ),
    _row(
        "T25", S.DECISION_PENDING, A.APPROVE, S.DECIDED_APPROVED, "case:decide", *G_DEC, "outcome_approve",
        clock="end", signature=Meaning.APPROVAL, documents=(D.DOC_DL, D.DOC_SOR), notify=("LAB", "PUBLIC"),
    ),
    _row(
        "T26", S.DECISION_PENDING, A.RESTRICT, S.DECIDED_RESTRICTED, "case:decide",
        *G_DEC, "outcome_restrict", *G_ADVERSE, "G-COND",
        clock="end", signature=Meaning.APPROVAL, documents=(D.DOC_DL, D.DOC_SOR, D.DOC_COND),
        notify=("LAB", "PUBLIC"),
    ),
    _row(
        "T27", S.DECISION_PENDING, A.DENY, S.DECIDED_DENIED, "case:decide",
        *G_DEC, "outcome_deny", *G_ADVERSE, "G-DENY",
        clock="end", signature=Meaning.APPROVAL, documents=(D.DOC_CR, D.DOC_SOR), notify=("LAB", "PUBLIC"),
    ),
    _row(
        "T33", OPEN, A.WITHDRAW, S.WITHDRAWN, "case:file", "reason",
        clock="end", documents=(D.DOC_WD,), notify=("TEAM",),
    ),
    # Acts that keep the state ------------------------------------------------------------------
    _row("K01", (*LAB_DRAFTS, S.INFORMATION_REQUEST_HOLD), A.ATTACH_EVIDENCE, None, "case:draft"),
    _row("K02", LAB_DRAFTS, A.WITHDRAW_EVIDENCE, None, "case:draft", "reason"),
    _row(
        "K03", (*LAB_DRAFTS, S.INFORMATION_REQUEST_HOLD), A.CONFIRM_MEASUREMENT, None, "case:draft", "finished_run",
    ),
    _row("K04", (*LAB_DRAFTS, S.INFORMATION_REQUEST_HOLD), A.MATCH_SUBJECT, None, "case:draft", "subject_named"),
    _row("K05", TEAM_WORKS, A.ASSIGN_ROLE, None, "case:assign", "G-SOD-1", "assignable", notify=("ASSIGNEE",)),
    _row("K06", TEAM_WORKS, A.ATTEST_CONFLICTS, None, "case:declare"),
    _row("K07", TEAM_WORKS, A.RECUSE, None, "case:declare", "reason", notify=("LEAD", "DOCKET_MANAGER")),
    _row("K08", S.ACCEPTANCE_SCREENING, A.ANSWER_CHECKLIST_ITEM, None, "case:screen"),
    _row(
        "K09", S.ACCEPTANCE_SCREENING, A.CONCUR_REFUSAL, None, "case:lead",
        "checklist_done", "failed_item", "locator_and_cure", notify=("INTAKE",),
    ),
    _row(
        "K10", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.WRITE_FINDING, None, "case:review",
        "review_by_reviewers", "finding_complete", "G-EVID", "G-STALE",
    ),
    _row(
        "K11", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.REVISE_FINDING, None, "case:review",
        "review_by_reviewers", "finding_complete", "G-EVID", "G-STALE",
    ),
    _row(
        "K12", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.WITHDRAW_FINDING, None, "case:review", "reason",
    ),
    _row(
        "K13", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.CONCLUDE_REVIEW, None, "case:review",
        "review_by_reviewers",
    ),
    _row(
        "K14", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.SIGN_REVIEW, None, "case:review",
        "review_by_reviewers", "review_ready", signature=Meaning.REVIEW, notify=("LEAD",),
    ),
    _row(
        "K15", S.SUBSTANTIVE_REVIEW, A.DRAFT_INFORMATION_REQUEST, None, "case:ask",
        "no_request_open", "four_elements", notify=("LEAD",),
    ),
    _row(
        "K16", S.SUBSTANTIVE_REVIEW, A.CONCUR_INFORMATION_REQUEST, None, "case:concur_request",
        "question_drafted", "four_elements", "G-SOD-2", "not_asked_before",
    ),
    _row("K17", S.INFORMATION_REQUEST_HOLD, A.ANSWER_ITEM, None, "case:draft", "item_exists"),
    _row("K18", (S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD), A.DRAFT_MEMO, None, "case:lead"),
    _row("K19", (S.RECOMMENDATION, S.DECISION_PENDING), A.DRAFT_NOTICE, None, "case:write_proposal"),
    _row("K20", S.DECISION_PENDING, A.DRAFT_DECISION, None, "case:write_proposal"),
    _row(
        "K21", (S.RECOMMENDATION, S.DECISION_PENDING), A.CONCUR_LEGAL_SUFFICIENCY, None, "case:counsel",
        "counsel_target", signature=Meaning.LEGAL_SUFFICIENCY, notify=("SIGNATORY",),
    ),
    _row(
        "K22", (S.SUBSTANTIVE_REVIEW, S.RECOMMENDATION, S.DECISION_PENDING), A.RECORD_PANEL_ADVICE, None,
        "case:decide", "is_open_weights", signature=Meaning.RESPONSIBILITY,
    ),
    _row(
        "K23", S.DECISION_PENDING, A.RATIFY, None, "case:ratify",
        "is_open_weights", "outcome_matches", "G-REASONS-DEC",
        signature=Meaning.RATIFICATION, notify=("SIGNATORY",),
    ),
    _row("K24", (S.REFUSED_TO_ACCEPT, S.INFORMATION_REQUEST_HOLD), A.WARN, None, "system:act", notify=("LAB",)),
    _row(
        "K27", (S.RECOMMENDATION, S.DECISION_PENDING), A.DECLINE_CONCURRENCE, None, "case:counsel",
        "counsel_target", "reason", notify=("LEAD",),
    ),
    _row("K25", tuple(State), A.ISSUE_DOCUMENT, None, "case:documents"),
    _row("K26", tuple(State), A.DOWNLOAD_DOCUMENT, None, "case:download"),
    # The house ---------------------------------------------------------------------------------
    _row("H00", BEFORE, A.FOUND_HOUSE, None, "system:act"),
    _row("H01", BEFORE, A.REGISTER_ORGANIZATION, None, "agency:register_lab", "lab_named"),
    _row("H02", BEFORE, A.VERIFY_ORGANIZATION, None, "agency:verify_lab"),
    _row("H03", BEFORE, A.INVITE, None, "agency:invite", "invitable"),
    _row("H04", BEFORE, A.REQUEST_ROLE, None, "agency:request_role", "role_for_agency"),
    _row("H05", BEFORE, A.GRANT_ROLE, None, "agency:grant_role", "other_administrator"),
    _row("H06", BEFORE, A.END_ROLE, None, "agency:request_role"),
    _row("H07", BEFORE, A.DEACTIVATE, None, "agency:request_role"),
)
# fmt: on

ROW: dict[Act, Row] = {row.act: row for row in TABLE}
"""Each act has one row."""


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """An act in a state: open when there is no refusal."""

    row: Row
    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        return not self.refusals


def refusals(row: Row, f: Facts) -> tuple[Refusal, ...]:
    """All reasons why this act is not open now: the state first, then the person, then every guard."""
    if f.state not in row.start:
        return (wrong_state(row, f.state),)
    denied = permissions.refusal(row.permission, f)
    if denied is not None:
        return (denied,)
    found = (guard_rules.GUARDS[name](f) for name in row.guards)
    return tuple(refusal for refusal in found if refusal is not None)


def wrong_state(row: Row, state: State | None) -> Refusal:
    """A step taken out of order (21 CFR 11.10(f))."""
    now = state.label.lower() if state else "not opened"
    return Refusal(
        code="sequence",
        sentence=f"The case is {now}. This step does not exist there.",
        citation="21 CFR 11.10(f)",
    )


def available(f: Facts) -> tuple[Availability, ...]:
    """What the person may do here and, of what is expected of that person here, what not yet and why.

    Acts that belong to other people, and acts of the system, are left out.
    """
    rows = (row for row in TABLE if f.state in row.start and not row.by_system)
    mine = (row for row in rows if permissions.permits(row.permission, f))
    return tuple(Availability(row=row, refusals=refusals(row, f)) for row in mine)


def due(f: Facts) -> tuple[Row, ...]:
    """Rows of the system that are due at these facts; warnings are decided by `review.rules.deadlines`."""
    rows = (row for row in TABLE if row.by_system and row.guards and f.state in row.start)
    return tuple(row for row in rows if not refusals(row, f))


def printed() -> list[dict[str, object]]:
    """The table as plain rows, for `review rules print`."""
    return [
        {
            "id": row.id,
            "from": sorted(state.value for state in row.start if state) or [""],
            "act": row.act.value,
            "to": row.to.value if row.to else "",
            "permission": row.permission,
            "guards": list(row.guards),
            "clock": row.clock,
            "signature": row.signature.value if row.signature else "",
            "documents": [document.value for document in row.documents],
            "notify": list(row.notify),
        }
        for row in TABLE
    ]


def _check() -> None:
    """The table is whole: every guard and permission exists, every act has one row, decided cases stay decided."""
    assert len(ROW) == len(TABLE), "an act has two rows"
    assert len({row.id for row in TABLE}) == len(TABLE), "two rows share an id"
    for row in TABLE:
        assert row.permission in permissions.PERMISSIONS, row.permission
        for name in row.guards:
            assert name in guard_rules.GUARDS, name
        for follow in row.then:
            assert ROW[follow].by_system, follow
        assert row.to is None or not (row.start & DECIDED), row.id
    assert set(permissions.PERMISSIONS) == set(permissions.WHO)
    unrowed = set(Act) - set(ROW) - {Act.REFUSED, Act.ENROL}
    assert not unrowed, unrowed


_check()
