"""The table of steps: every state, every act, every person, against the procedure written out by hand below."""

from functools import cache

import msgspec
import pytest

from review.rules import guards, permissions, workflow
from review.rules.entities import Assignment, ConflictAttestation
from review.rules.facts import SYSTEM, Actor, Facts
from review.rules.vocabulary import CASE_ROLES, DECIDED, ENDED, OPEN, Act, Meaning, Role, State
from review.rules.workflow import ROW, TABLE, Row, available, due, refusals
from tests.builders import LAB, OTHER_LAB
from tests.rules.sentences import CODE_NAME
from tests.stages import STAYS, standing

S, A = State, Act

LEADER, ENGINEER, OTHER = "the lab's regulatory lead", "the lab's engineer", "another lab's regulatory lead"
MANAGER, INTAKE, REVIEWER, LEAD = "docket manager", "intake", "reviewer", "lead"
SIGNATORY, COUNSEL, RATIFIER = "deciding official", "counsel", "ratifier"
AUDITOR, ADMINISTRATOR, SYSTEM_, OUTSIDER = (
    "auditor",
    "administrator",
    "the system",
    "a reviewer of other cases",
)
NOBODY = "nobody signed in"

USERS = {
    LEADER: LAB,
    OTHER: OTHER_LAB,
    MANAGER: "amara.diallo@agency.example",
    INTAKE: "peter.lindgren@agency.example",
    REVIEWER: "ines.okafor@agency.example",
    LEAD: "daniel.reyes@agency.example",
    SIGNATORY: "ruth.adeyemi@agency.example",
    COUNSEL: "tomas.vega@agency.example",
    RATIFIER: "grace.mbeki@agency.example",
    AUDITOR: "helen.whitlock@agency.example",
    ADMINISTRATOR: "kofi.mensah@agency.example",
}
TEAM = {INTAKE, REVIEWER, LEAD, SIGNATORY, COUNSEL, RATIFIER}
EVERYBODY = (*USERS, ENGINEER, SYSTEM_, OUTSIDER, NOBODY)

LAB_DRAFTS = {S.DRAFT, S.REFUSED_TO_ACCEPT}
ANSWERING = LAB_DRAFTS | {S.INFORMATION_REQUEST_HOLD}
REVIEWING = {S.SUBSTANTIVE_REVIEW, S.INFORMATION_REQUEST_HOLD}
TEAM_AT_WORK = {
    S.ACCEPTANCE_SCREENING,
    S.REFUSED_TO_ACCEPT,
    S.SUBSTANTIVE_REVIEW,
    S.INFORMATION_REQUEST_HOLD,
    S.RECOMMENDATION,
    S.LAB_RESPONSE_WINDOW,
    S.DECISION_PENDING,
}

PROCEDURE: dict[Act, tuple[set[State], set[str]]] = {
    A.SUBMIT: ({S.DRAFT}, {LEADER}),
    A.BEGIN_SCREENING: ({S.SUBMITTED}, {SYSTEM_}),
    A.REFUSE_TO_ACCEPT: ({S.ACCEPTANCE_SCREENING}, {INTAKE}),
    A.ACCEPT: ({S.ACCEPTANCE_SCREENING}, {INTAKE}),
    A.ACCEPT_BY_LAPSE: ({S.ACCEPTANCE_SCREENING}, {SYSTEM_}),
    A.RESUBMIT_AFTER_REFUSAL: ({S.REFUSED_TO_ACCEPT}, {LEADER}),
    A.FILE_OVER_PROTEST: ({S.REFUSED_TO_ACCEPT}, {LEADER}),
    A.CLOSE_INACTIVE: ({S.REFUSED_TO_ACCEPT}, {SYSTEM_}),
    A.ISSUE_INFORMATION_REQUEST: ({S.SUBSTANTIVE_REVIEW}, {LEAD}),
    A.RESPOND_TO_INFORMATION_REQUEST: ({S.INFORMATION_REQUEST_HOLD}, {LEADER}),
    A.DEEM_WITHDRAWN: ({S.INFORMATION_REQUEST_HOLD}, {SYSTEM_}),
    A.RECOMMEND: ({S.SUBSTANTIVE_REVIEW}, {LEAD}),
    A.RETURN_RECOMMENDATION: ({S.RECOMMENDATION}, {SIGNATORY}),
    A.FORWARD_CLEAN: ({S.RECOMMENDATION}, {LEAD}),
    A.ISSUE_NOTICE: ({S.RECOMMENDATION}, {SIGNATORY}),
    A.OPEN_RESPONSE_WINDOW: ({S.NOTICE_OF_INTENDED_DECISION}, {SYSTEM_}),
    A.ANSWER_NOTICE: ({S.LAB_RESPONSE_WINDOW}, {LEADER}),
    A.CLOSE_RESPONSE_WINDOW: ({S.LAB_RESPONSE_WINDOW}, {SYSTEM_}),
    A.ISSUE_NEW_NOTICE: ({S.DECISION_PENDING}, {SIGNATORY}),
    A.APPROVE: ({S.DECISION_PENDING}, {SIGNATORY}),
    A.RESTRICT: ({S.DECISION_PENDING}, {SIGNATORY}),
    A.DENY: ({S.DECISION_PENDING}, {SIGNATORY}),
    A.WITHDRAW: (set(State) - set(ENDED), {LEADER}),
    A.ATTACH_EVIDENCE: (ANSWERING, {LEADER, ENGINEER}),
    A.WITHDRAW_EVIDENCE: (LAB_DRAFTS, {LEADER, ENGINEER}),
    A.CONFIRM_MEASUREMENT: (ANSWERING, {LEADER, ENGINEER}),
    A.MATCH_SUBJECT: (ANSWERING, {LEADER, ENGINEER}),
    A.ASSIGN_ROLE: (TEAM_AT_WORK, {MANAGER, LEAD}),
    A.ATTEST_CONFLICTS: (TEAM_AT_WORK, TEAM),
    A.RECUSE: (TEAM_AT_WORK, TEAM),
    A.ANSWER_CHECKLIST_ITEM: ({S.ACCEPTANCE_SCREENING}, {INTAKE}),
    A.CONCUR_REFUSAL: ({S.ACCEPTANCE_SCREENING}, {LEAD}),
    A.WRITE_FINDING: (REVIEWING, {REVIEWER}),
    A.REVISE_FINDING: (REVIEWING, {REVIEWER}),
    A.WITHDRAW_FINDING: (REVIEWING, {REVIEWER}),
    A.CONCLUDE_REVIEW: (REVIEWING, {REVIEWER}),
    A.SIGN_REVIEW: (REVIEWING, {REVIEWER}),
    A.DRAFT_INFORMATION_REQUEST: ({S.SUBSTANTIVE_REVIEW}, {REVIEWER, LEAD}),
    A.CONCUR_INFORMATION_REQUEST: ({S.SUBSTANTIVE_REVIEW}, {LEAD, SIGNATORY}),
    A.ANSWER_ITEM: ({S.INFORMATION_REQUEST_HOLD}, {LEADER, ENGINEER}),
    A.DRAFT_MEMO: (REVIEWING, {LEAD}),
    A.DRAFT_NOTICE: ({S.RECOMMENDATION, S.DECISION_PENDING}, {LEAD, SIGNATORY}),
    A.DRAFT_DECISION: ({S.DECISION_PENDING}, {LEAD, SIGNATORY}),
    A.CONCUR_LEGAL_SUFFICIENCY: ({S.RECOMMENDATION, S.DECISION_PENDING}, {COUNSEL}),
    A.DECLINE_CONCURRENCE: ({S.RECOMMENDATION, S.DECISION_PENDING}, {COUNSEL}),
    A.RECORD_PANEL_ADVICE: ({S.SUBSTANTIVE_REVIEW, S.RECOMMENDATION, S.DECISION_PENDING}, {SIGNATORY}),
    A.RATIFY: ({S.DECISION_PENDING}, {RATIFIER}),
    A.WARN: ({S.REFUSED_TO_ACCEPT, S.INFORMATION_REQUEST_HOLD}, {SYSTEM_}),
    A.ISSUE_DOCUMENT: (set(State), {SYSTEM_}),
    A.DOWNLOAD_DOCUMENT: (set(State), {LEADER, ENGINEER, AUDITOR} | TEAM),
}
"""Act -> states in which it exists, and the people to whom it can be open there (domain.md 4.3 and 10.7)."""

HOUSE: dict[Act, set[str]] = {
    A.OPEN_DRAFT: {LEADER, OTHER},
    A.FOUND_HOUSE: {SYSTEM_},
    A.REGISTER_ORGANIZATION: {ADMINISTRATOR, MANAGER},
    A.VERIFY_ORGANIZATION: {MANAGER},
    A.INVITE: {ADMINISTRATOR},
    A.REQUEST_ROLE: {ADMINISTRATOR},
    A.GRANT_ROLE: {ADMINISTRATOR},
    A.END_ROLE: {ADMINISTRATOR},
    A.DEACTIVATE: {ADMINISTRATOR},
}
MOVES = {
    A.SUBMIT: S.SUBMITTED,
    A.BEGIN_SCREENING: S.ACCEPTANCE_SCREENING,
    A.REFUSE_TO_ACCEPT: S.REFUSED_TO_ACCEPT,
    A.ACCEPT: S.SUBSTANTIVE_REVIEW,
    A.ACCEPT_BY_LAPSE: S.SUBSTANTIVE_REVIEW,
    A.RESUBMIT_AFTER_REFUSAL: S.SUBMITTED,
    A.FILE_OVER_PROTEST: S.SUBSTANTIVE_REVIEW,
    A.CLOSE_INACTIVE: S.CLOSED_INACTIVE,
    A.ISSUE_INFORMATION_REQUEST: S.INFORMATION_REQUEST_HOLD,
    A.RESPOND_TO_INFORMATION_REQUEST: S.SUBSTANTIVE_REVIEW,
    A.DEEM_WITHDRAWN: S.WITHDRAWN_DEEMED,
    A.RECOMMEND: S.RECOMMENDATION,
    A.RETURN_RECOMMENDATION: S.SUBSTANTIVE_REVIEW,
    A.FORWARD_CLEAN: S.DECISION_PENDING,
    A.ISSUE_NOTICE: S.NOTICE_OF_INTENDED_DECISION,
    A.OPEN_RESPONSE_WINDOW: S.LAB_RESPONSE_WINDOW,
    A.ANSWER_NOTICE: S.DECISION_PENDING,
    A.CLOSE_RESPONSE_WINDOW: S.DECISION_PENDING,
    A.ISSUE_NEW_NOTICE: S.NOTICE_OF_INTENDED_DECISION,
    A.APPROVE: S.DECIDED_APPROVED,
    A.RESTRICT: S.DECIDED_RESTRICTED,
    A.DENY: S.DECIDED_DENIED,
    A.WITHDRAW: S.WITHDRAWN,
    A.OPEN_DRAFT: S.DRAFT,
}
SIGNED = {
    A.SUBMIT: Meaning.ATTESTATION,
    A.RESUBMIT_AFTER_REFUSAL: Meaning.ATTESTATION,
    A.RECOMMEND: Meaning.AUTHORSHIP,
    A.ISSUE_NOTICE: Meaning.RESPONSIBILITY,
    A.ISSUE_NEW_NOTICE: Meaning.RESPONSIBILITY,
    A.APPROVE: Meaning.APPROVAL,
    A.RESTRICT: Meaning.APPROVAL,
    A.DENY: Meaning.APPROVAL,
    A.SIGN_REVIEW: Meaning.REVIEW,
    A.CONCUR_LEGAL_SUFFICIENCY: Meaning.LEGAL_SUFFICIENCY,
    A.RECORD_PANEL_ADVICE: Meaning.RESPONSIBILITY,
    A.RATIFY: Meaning.RATIFICATION,
}
ONE_CODE_FOR_BOTH = {
    "G-REASONS-DEC": "G-REASONS",
    "G-LRA-DEC": "G-LRA",
    "consistency_dec": "consistency",
    "transition_dec": "transition",
    "counsel_dec": "counsel",
    "feasibility": "G-COND",
    "outcome_approve": "outcome",
    "outcome_restrict": "outcome",
    "outcome_deny": "outcome",
}
"""Guards of notice and decision say the same thing under one code."""


@cache
def _team() -> tuple[tuple[Assignment, ...], tuple[ConflictAttestation, ...]]:
    """A whole team, declared, from a case that has one."""
    f = standing(S.DECIDED_APPROVED).facts()
    return f.assignments, f.attestations


@cache
def _actors() -> dict[str, Actor]:
    play = standing(S.DECIDED_APPROVED)
    actors = {who: play.facts(user).actor for who, user in USERS.items()}
    actors[ENGINEER] = msgspec.structs.replace(actors[LEADER], id="engineer", lab_role=Role.LAB_ENG)
    actors[OUTSIDER] = msgspec.structs.replace(actors[REVIEWER], id="outsider")
    actors[NOBODY] = Actor(id="", name="")
    actors[SYSTEM_] = SYSTEM
    return actors


@cache
def _case(state: State) -> Facts:
    """A case in the state, with the whole team assigned and declared today."""
    near = {S.SUBMITTED: S.ACCEPTANCE_SCREENING, S.NOTICE_OF_INTENDED_DECISION: S.LAB_RESPONSE_WINDOW}
    f = standing(near.get(state, state)).facts()
    assert f.case is not None
    assignments, attestations = _team()
    return msgspec.structs.replace(
        f,
        case=msgspec.structs.replace(f.case, state=state),
        assignments=assignments,
        attestations=tuple(msgspec.structs.replace(a, at=f.now) for a in attestations),
        given=None,
    )


def facts(state: State | None, who: str) -> Facts:
    f = (
        _case(state)
        if state is not None
        else msgspec.structs.replace(_case(S.DRAFT), case=None, assignments=(), attestations=())
    )
    return msgspec.structs.replace(f, actor=_actors()[who])


def codes_of(row: Row) -> set[str]:
    return {ONE_CODE_FOR_BOTH.get(name, name) for name in row.guards}


# The table itself -------------------------------------------------------------------------------


def test_every_act_has_one_row_and_the_procedure_below_names_them_all() -> None:
    assert set(ROW) == set(PROCEDURE) | set(HOUSE)
    assert set(Act) - set(ROW) == {A.REFUSED, A.ENROL}
    assert len({row.id for row in TABLE}) == len(TABLE)


def test_acts_go_from_and_to_the_states_of_the_procedure() -> None:
    for act, (states, _) in PROCEDURE.items():
        assert ROW[act].start == states, act
    for act in HOUSE:
        assert ROW[act].start == {None}, act
    for act, row in ROW.items():
        assert row.to == MOVES.get(act), act


def test_acts_are_signed_with_the_meaning_of_the_procedure() -> None:
    assert {act: row.signature for act, row in ROW.items() if row.signature} == SIGNED


def test_a_decided_case_stays_decided_and_an_ended_case_stays_ended() -> None:
    assert set(State) - set(ENDED) == OPEN and set(DECIDED) <= set(ENDED)
    for row in TABLE:
        if row.to is not None:
            assert not row.start & set(ENDED), row.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"guards": ("no_such_guard",)},
        {"permission": "no:such"},
        {"id": "T02"},
        {"then": (A.WITHDRAW,)},
        {"start": frozenset({S.DECIDED_DENIED}), "to": S.DRAFT},
    ],
)
def test_the_table_refuses_to_be_imported_when_a_row_is_wrong(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
) -> None:
    rows = list(TABLE)
    rows[0] = msgspec.structs.replace(rows[0], **wrong)
    monkeypatch.setattr(workflow, "TABLE", tuple(rows))
    with pytest.raises(AssertionError):
        workflow._check()


def test_the_table_refuses_an_act_without_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "TABLE", TABLE[1:])
    monkeypatch.setattr(workflow, "ROW", {row.act: row for row in TABLE[1:]})
    with pytest.raises(AssertionError):
        workflow._check()


def test_every_guard_is_used_by_some_row() -> None:
    assert set(guards.GUARDS) == {name for row in TABLE for name in row.guards}


def test_the_table_prints_itself_whole() -> None:
    printed = workflow.printed()
    assert [row["id"] for row in printed] == [row.id for row in TABLE]
    wanted = ["id", "from", "act", "to", "permission", "guards", "clock", "signature", "documents", "notify"]
    assert all(list(row) == wanted for row in printed)


# Every state, every act, every person -----------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("state", State)
def test_exactly_the_procedures_pairs_are_open_or_wait_for_a_guard(state: State, who: str) -> None:
    f = facts(state, who)
    for act, row in ROW.items():
        states, people = PROCEDURE.get(act, (set(), set()))
        found = {refusal.code for refusal in refusals(row, f)}
        if state not in states:
            assert found == {"sequence"}, act
        elif who not in people:
            assert found == {row.permission}, act
        else:
            assert found <= codes_of(row), act


@pytest.mark.parametrize("who", EVERYBODY)
def test_acts_on_people_belong_to_the_house_and_exist_outside_a_case_only(who: str) -> None:
    f = facts(None, who)
    for act, row in ROW.items():
        found = {refusal.code for refusal in refusals(row, f)}
        if act not in HOUSE:
            assert found == {"sequence"}, act
        elif who not in HOUSE[act]:
            assert found == {row.permission}, act
        else:
            assert found <= codes_of(row), act


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("state", State)
def test_a_person_is_offered_what_is_expected_of_that_person_here_and_nothing_else(
    state: State, who: str
) -> None:
    offered = {one.row.act for one in available(facts(state, who))}
    expected = {
        act
        for act, (states, people) in PROCEDURE.items()
        if state in states and who in people and ROW[act].permission != "system:act"
    }
    assert offered == expected


@pytest.mark.parametrize("state", State)
def test_an_offer_is_open_exactly_when_nothing_refuses_it(state: State) -> None:
    for who in EVERYBODY:
        f = facts(state, who)
        for one in available(f):
            assert one.open == (refusals(one.row, f) == ())


@pytest.mark.parametrize("state", STAYS)
def test_some_act_of_some_person_is_open_unless_the_case_has_ended(state: State) -> None:
    moving = {
        one.row.act
        for who in EVERYBODY
        for one in available(facts(state, who))
        if one.open and one.row.to is not None
    }
    assert bool(moving) == (state not in ENDED)


@pytest.mark.parametrize("state", State)
def test_nothing_of_the_system_is_due_on_the_day_a_case_arrives_in_a_state(state: State) -> None:
    assert due(msgspec.structs.replace(_case(state), actor=SYSTEM)) == ()


@pytest.mark.parametrize("state", State)
def test_nobody_is_offered_anything_before_declaring_but_to_declare_or_step_back(state: State) -> None:
    for who in TEAM:
        f = msgspec.structs.replace(facts(state, who), attestations=())
        assert {one.row.act for one in available(f)} <= {A.ATTEST_CONFLICTS, A.RECUSE}


@pytest.mark.parametrize("state", State)
def test_somebody_who_has_held_two_roles_here_may_do_nothing_of_either(state: State) -> None:
    """G-SOD-1 looks back over the whole history: an assignment that ended still counts."""
    for who in TEAM:
        f = facts(state, who)
        ended = next(a for a in f.assignments if a.person_id == f.actor.id)
        other = next(role for role in CASE_ROLES if role is not ended.role)
        both = msgspec.structs.replace(ended, id="earlier", role=other, ended=f.now, ended_reason="Left")
        f = msgspec.structs.replace(f, assignments=(both, *f.assignments))
        open_to_roles = {one.row.act for one in available(f)}
        assert open_to_roles <= {A.ATTEST_CONFLICTS, A.RECUSE, A.DOWNLOAD_DOCUMENT}


# Words ------------------------------------------------------------------------------------------


def test_every_refusal_is_a_sentence_of_at_most_thirty_words_that_names_no_code() -> None:
    said: set[str] = set()
    for state in (None, *State):
        for who in EVERYBODY:
            for row in TABLE:
                said |= {refusal.sentence for refusal in refusals(row, facts(state, who))}
    assert len(said) > 50
    for sentence in said:
        assert not sentence[0].islower() and sentence[-1] in ".?", sentence
        assert len(sentence.split()) <= 30, sentence
        assert not CODE_NAME.search(sentence), sentence


def test_every_permission_says_in_words_who_has_it() -> None:
    assert set(permissions.WHO) == set(permissions.PERMISSIONS)
    assert all(words and not CODE_NAME.search(words) for words in permissions.WHO.values())
    assert {row.permission for row in TABLE} == set(permissions.PERMISSIONS)
