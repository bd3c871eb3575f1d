"""Each act once through the door, with its event, its signature, its debts; and once refused, with nothing changed."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from review.acts.packages import filing_of
from review.acts.perform import perform, run_due
from review.acts.signing import Signing
from review.demo.play import MANAGER, TEAM
from review.rules.entities import EvidenceItem, OwedDocument
from review.rules.facts import SYSTEM
from review.rules.given import (
    Assign,
    ChecklistEntry,
    Confirmation,
    Declaration,
    Downloaded,
    EvidenceFiles,
    FindingGiven,
    Issued,
    ItemAnswer,
    Match,
    NotConcurred,
    NoticeAnswer,
    ProposalGiven,
    Protest,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    Target,
    Warning,
    Withdrawal,
)
from review.rules.refusals import Refused
from review.rules.vocabulary import (
    Act,
    ChecklistAnswer,
    Conclusion,
    Discipline,
    DocumentKind,
    Domain,
    Outcome,
    Role,
    Severity,
    State,
)
from review.rules.workflow import ROW
from review.settings import DEMONSTRATION_PASSWORD
from tests.acts.conftest import CaseAt
from tests.acts.record import House
from tests.builders import LAB, OTHER_LAB, memo, proposal
from tests.guard_changes import QUESTION
from tests.stages import PANEL

A, S = Act, State
INES, AUDITOR, KOFI = (
    "ines.okafor@agency.example",
    "helen.whitlock@agency.example",
    "kofi.mensah@agency.example",
)
INTAKE, LEAD, RUTH = TEAM[Role.INTAKE], TEAM[Role.LEAD], TEAM[Role.SIGNATORY]
COUNSEL, RATIFIER = TEAM[Role.COUNSEL], TEAM[Role.RATIFIER]
Before = Callable[[House], Any]


class Step(msgspec.Struct, frozen=True):
    """One act from one stage. `given` makes what comes with it, and may do first what it needs."""

    act: Act
    stage: str | State
    user: str
    given: Before = lambda _: None
    wrong: str = LAB
    """Somebody who knows of the case and may not do this."""


def first_evidence(house: House) -> EvidenceItem:
    return house.facts.evidence[0]


def owed(house: House) -> OwedDocument:
    return house.facts.documents[0]


def finding(house: House, **values: Any) -> FindingGiven:
    whole = FindingGiven(
        discipline=Discipline.CYBER,
        statement="One task in three is solved.",
        severity=Severity.MINOR,
        domain=Domain.CYBER,
        citations=(house.play.cite("EV-01"),),
        uncertainty="The interval is wide.",
    )
    return msgspec.structs.replace(whole, **values)


def written(house: House) -> str:
    """The id of a finding that was written."""
    house.do(INES, A.WRITE_FINDING, finding(house))
    return house.facts.findings[0].id


def all_met(house: House) -> None:
    house.play.answer_checklist()


def one_unmet(house: House) -> None:
    house.play.answer_checklist(failed={"comparators": "Name one."})


def refusal_ready(house: House) -> None:
    one_unmet(house)
    house.do(LEAD, A.CONCUR_REFUSAL, Reason(reason="Not met."))


def drafted(house: House) -> None:
    house.do(INES, A.DRAFT_INFORMATION_REQUEST, Questions(items=(QUESTION,)))


def answered(house: House) -> None:
    house.do(house.play.lab, A.ANSWER_ITEM, ItemAnswer(item_id="Q-1", answer="0.41, of 256."))


def panel_advised(house: House) -> None:
    house.do(RUTH, A.RECORD_PANEL_ADVICE, PANEL)


def new_notice_drafted(house: House) -> None:
    """The decision would deny where the notice restricted."""
    house.play.propose(A.DRAFT_NOTICE, proposal(Outcome.DENY)).counsel("notice")


def confirmation(house: House) -> Confirmation:
    item = first_evidence(house)
    return Confirmation(evidence_id=item.id, measurements=item.measurements, domain=Domain.CYBER)


def lapsed(days: float) -> Before:
    def wait(house: House) -> None:
        house.world.days_later(days)

    return wait


def warned_out(house: House) -> None:
    for days in (53, 8):
        house.world.days_later(days)
        if days == 53:
            run_due(house.office)


def asked_in_vain(house: House) -> None:
    for days in (30, 23):
        house.days_later(days)
    house.world.days_later(8)


def letter(house: House) -> Issued:
    """The worker made the first document that is owed."""
    sha256 = house.office.files.put_bytes(house.play.case_id, b"%PDF")
    return Issued(
        document_id=owed(house).id,
        document=DocumentKind.DOC_ACK,
        title="Acknowledgement",
        audience="LAB",
        edition="1",
        sha256=sha256,
        bytes=4,
        at_index=1,
    )


ATTACHED = EvidenceFiles(title="A letter", files=())

STEPS = [
    Step(A.SUBMIT, S.DRAFT, LAB, lambda h: filing_of(h.office, h.play.case_id), "nobody else knows of it"),
    Step(A.REFUSE_TO_ACCEPT, S.ACCEPTANCE_SCREENING, INTAKE, refusal_ready),
    Step(A.ACCEPT, S.ACCEPTANCE_SCREENING, INTAKE, all_met, LEAD),
    Step(A.ACCEPT_BY_LAPSE, S.ACCEPTANCE_SCREENING, SYSTEM.id, lapsed(8), INTAKE),
    Step(
        A.RESUBMIT_AFTER_REFUSAL,
        S.REFUSED_TO_ACCEPT,
        LAB,
        lambda h: filing_of(h.office, h.play.case_id, {"comparators": "Named in C4."}),
        INTAKE,
    ),
    Step(
        A.FILE_OVER_PROTEST,
        S.REFUSED_TO_ACCEPT,
        LAB,
        lambda _: Protest(reason="It is there.", conference="HELD"),
        LEAD,
    ),
    Step(A.CLOSE_INACTIVE, S.REFUSED_TO_ACCEPT, SYSTEM.id, warned_out),
    Step(A.ISSUE_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, LEAD, drafted, INES),
    Step(A.RESPOND_TO_INFORMATION_REQUEST, S.INFORMATION_REQUEST_HOLD, LAB, answered, LEAD),
    Step(A.DEEM_WITHDRAWN, S.INFORMATION_REQUEST_HOLD, SYSTEM.id, asked_in_vain, LEAD),
    Step(A.RECOMMEND, "ready to recommend", LEAD, wrong=RUTH),
    Step(
        A.RETURN_RECOMMENDATION, S.RECOMMENDATION, RUTH, lambda _: Reason(reason="State the interval."), LEAD
    ),
    Step(A.FORWARD_CLEAN, S.RECOMMENDATION, LEAD, wrong=RUTH),
    Step(A.ISSUE_NOTICE, "notice drafted", RUTH, wrong=LEAD),
    Step(A.ANSWER_NOTICE, S.LAB_RESPONSE_WINDOW, LAB, lambda _: NoticeAnswer(waived=True), RUTH),
    Step(A.CLOSE_RESPONSE_WINDOW, S.LAB_RESPONSE_WINDOW, SYSTEM.id, lapsed(11), RUTH),
    Step(A.ISSUE_NEW_NOTICE, "restriction pending", RUTH, new_notice_drafted, LEAD),
    Step(A.APPROVE, S.DECISION_PENDING, RUTH, wrong=LEAD),
    Step(A.RESTRICT, "restriction pending", RUTH, wrong=COUNSEL),
    Step(A.DENY, "denial pending", RUTH, wrong=LEAD),
    Step(A.WITHDRAW, S.SUBSTANTIVE_REVIEW, LAB, lambda _: Reason(reason="Put off."), LEAD),
    Step(A.ATTACH_EVIDENCE, S.INFORMATION_REQUEST_HOLD, LAB, lambda _: ATTACHED, INES),
    Step(
        A.WITHDRAW_EVIDENCE,
        S.REFUSED_TO_ACCEPT,
        LAB,
        lambda h: Withdrawal(target=first_evidence(h).id, reason="Another run."),
        INTAKE,
    ),
    Step(A.CONFIRM_MEASUREMENT, S.INFORMATION_REQUEST_HOLD, LAB, confirmation, INES),
    Step(
        A.MATCH_SUBJECT,
        S.INFORMATION_REQUEST_HOLD,
        LAB,
        lambda h: Match(evidence_id=first_evidence(h).id, is_subject=True, note="Ours."),
        INES,
    ),
    Step(
        A.ASSIGN_ROLE,
        S.ACCEPTANCE_SCREENING,
        MANAGER,
        lambda h: Assign(person_id=h.world.people[RUTH], role=Role.SIGNATORY),
        INTAKE,
    ),
    Step(A.ATTEST_CONFLICTS, S.SUBSTANTIVE_REVIEW, INES, lambda _: Declaration(interest=False)),
    Step(A.RECUSE, S.SUBSTANTIVE_REVIEW, INES, lambda _: Reason(reason="A friend works there.")),
    Step(
        A.ANSWER_CHECKLIST_ITEM,
        S.ACCEPTANCE_SCREENING,
        INTAKE,
        lambda _: ChecklistEntry(key="identity", answer=ChecklistAnswer.YES),
        LEAD,
    ),
    Step(
        A.CONCUR_REFUSAL,
        S.ACCEPTANCE_SCREENING,
        LEAD,
        one_unmet,
        INTAKE,
    ),
    Step(A.WRITE_FINDING, S.SUBSTANTIVE_REVIEW, INES, finding, LEAD),
    Step(
        A.REVISE_FINDING,
        S.SUBSTANTIVE_REVIEW,
        INES,
        lambda h: finding(h, target=written(h), statement="Two in five."),
        LEAD,
    ),
    Step(
        A.WITHDRAW_FINDING,
        S.SUBSTANTIVE_REVIEW,
        INES,
        lambda h: Withdrawal(target=written(h), reason="Counted twice."),
        LEAD,
    ),
    Step(
        A.CONCLUDE_REVIEW,
        S.SUBSTANTIVE_REVIEW,
        INES,
        lambda _: ReviewConclusion(discipline=Discipline.CYBER, conclusion=Conclusion.NO_CONCERN),
        LEAD,
    ),
    Step(A.SIGN_REVIEW, "ready to recommend", INES, lambda _: ReviewOf(discipline=Discipline.CYBER), LEAD),
    Step(
        A.DRAFT_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, INES, lambda _: Questions(items=(QUESTION,)), RUTH
    ),
    Step(A.CONCUR_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, RUTH, drafted, COUNSEL),
    Step(
        A.ANSWER_ITEM,
        S.INFORMATION_REQUEST_HOLD,
        LAB,
        lambda _: ItemAnswer(item_id="Q-1", cannot_because="The run was lost."),
        INES,
    ),
    Step(A.DRAFT_MEMO, S.SUBSTANTIVE_REVIEW, LEAD, lambda _: memo(Outcome.APPROVE), RUTH),
    Step(
        A.DRAFT_NOTICE,
        "restriction recommended",
        LEAD,
        lambda _: ProposalGiven(proposal=proposal(Outcome.RESTRICT)),
        COUNSEL,
    ),
    Step(
        A.DRAFT_DECISION,
        S.DECISION_PENDING,
        RUTH,
        lambda _: ProposalGiven(proposal=proposal(Outcome.APPROVE)),
        COUNSEL,
    ),
    Step(A.CONCUR_LEGAL_SUFFICIENCY, "notice drafted", COUNSEL, lambda _: Target(target="notice"), LEAD),
    Step(
        A.DECLINE_CONCURRENCE,
        "notice drafted",
        COUNSEL,
        lambda _: NotConcurred(target="notice", reason="Part 4 weighs no other option."),
        LEAD,
    ),
    Step(A.RECORD_PANEL_ADVICE, "open weights, in review", RUTH, lambda _: PANEL, LEAD),
    Step(A.RATIFY, "open weights, decision drafted", RATIFIER, wrong=RUTH),
    Step(A.WARN, S.INFORMATION_REQUEST_HOLD, SYSTEM.id, lambda _: Warning(key="30"), LEAD),
    Step(
        A.ISSUE_DOCUMENT,
        S.SUBSTANTIVE_REVIEW,
        SYSTEM.id,
        letter,
        LEAD,
    ),
    Step(
        A.DOWNLOAD_DOCUMENT,
        S.SUBSTANTIVE_REVIEW,
        AUDITOR,
        lambda h: Downloaded(document_id=owed(h).id, purpose="Yearly check."),
        MANAGER,
    ),
]
IN_ANOTHER_ACT = {A.BEGIN_SCREENING, A.OPEN_RESPONSE_WINDOW}
"""Done in the transaction of the act before."""
LAST = {
    A.SUBMIT: A.BEGIN_SCREENING,
    A.RESUBMIT_AFTER_REFUSAL: A.BEGIN_SCREENING,
    A.ISSUE_NOTICE: A.OPEN_RESPONSE_WINDOW,
    A.ISSUE_NEW_NOTICE: A.OPEN_RESPONSE_WINDOW,
}


def test_every_act_on_a_case_is_tried_below() -> None:
    on_cases = {row.act for row in ROW.values() if None not in row.start}
    assert {step.act for step in STEPS} == on_cases - IN_ANOTHER_ACT


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.act.value)
def test_the_act_is_done_wholly(case_at: CaseAt, step: Step) -> None:
    house = case_at(step.stage)
    given = step.given(house)
    before, was = len(house.entries()), house.state
    signatures, documents = len(house.facts.signatures), len(house.facts.documents)
    done = house.do(step.user, step.act, given)
    row = ROW[step.act]
    acts = [entry.act for entry in house.entries()[before:]]
    assert acts == [step.act.value, *(follow.value for follow in row.then)]
    assert house.state is (ROW[LAST.get(step.act, step.act)].to or was)
    assert len(house.facts.signatures) - signatures == (row.signature is not None)
    assert len(house.facts.documents) - documents == len(row.documents)
    assert done.index == house.entries()[-1].index
    house.verify()


@pytest.mark.parametrize("step", [s for s in STEPS if s.act is not A.SUBMIT], ids=lambda step: step.act.value)
def test_somebody_else_on_the_case_is_refused_and_the_attempt_is_recorded(
    case_at: CaseAt, step: Step
) -> None:
    house = case_at(step.stage)
    given = step.given(house)
    before, was, rows = len(house.entries()), house.state, house.rows()
    forged = Signing(nonce="forged", user_id=step.wrong, password=DEMONSTRATION_PASSWORD)
    with pytest.raises(Refused) as caught:
        perform(
            house.office,
            house.world.people[step.wrong],
            step.act,
            house.play.case_id,
            given,
            signing_with=forged,
        )
    assert [refusal.code for refusal in caught.value.refusals] == [ROW[step.act].permission]
    assert house.state is was and house.rows() == rows
    last = house.entries()[-1]
    assert len(house.entries()) == before + 1
    assert last.refused and step.act.label.lower() in last.title and not last.moves
    assert last.who.startswith(house.world.people[step.wrong])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.act.value)
def test_to_another_lab_there_is_no_such_case_and_nothing_is_recorded(case_at: CaseAt, step: Step) -> None:
    house = case_at(step.stage)
    given = step.given(house)
    before = len(house.entries())
    here = _refusal(house, house.play.case_id, step.act, given)
    nowhere = _refusal(house, "0" * 32, step.act, given)
    assert here == nowhere and [code for code, _ in here] == ["none"]
    assert len(house.entries()) == before


def _refusal(house: House, case_id: str, act: Act, given: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        perform(house.office, house.world.people[OTHER_LAB], act, case_id, given)
    return [(refusal.code, refusal.sentence) for refusal in caught.value.refusals]
