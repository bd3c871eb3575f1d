"""How each act of the table is done in a browser: from which stage, by whom, on which page, with what typed."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
from werkzeug.test import TestResponse

from review.demo.play import MANAGER, TEAM, Play
from review.rules.facts import SYSTEM
from review.rules.given import FindingGiven, Issued, ItemAnswer, Questions, Reason
from review.rules.vocabulary import (
    Act,
    Conclusion,
    Discipline,
    DocumentKind,
    Domain,
    Outcome,
    Role,
    Severity,
    State,
)
from review.settings import DEMONSTRATION_PASSWORD
from tests.builders import LAB, OTHER_LAB, first_graded, memo, proposal
from tests.guard_changes import QUESTION
from tests.web.agency_visits import Forms
from tests.web.agency_visits import Person as Visitor
from tests.web.attacking import Place

A, S = Act, State
INES, LENA = "ines.okafor@agency.example", "lena.haas@agency.example"
AUDITOR = "helen.whitlock@agency.example"
KOFI, ANNA = "kofi.mensah@agency.example", "anna.kowalska@agency.example"
INTAKE, LEAD, RUTH = TEAM[Role.INTAKE], TEAM[Role.LEAD], TEAM[Role.SIGNATORY]
COUNSEL, RATIFIER = TEAM[Role.COUNSEL], TEAM[Role.RATIFIER]
OF_THE_TEAM = {*TEAM.values(), INES, LENA}
EVERYBODY = (LAB, OTHER_LAB, MANAGER, *TEAM.values(), INES, LENA, AUDITOR, KOFI)

MAY: dict[str, set[str]] = {
    "case:file": {LAB},
    "case:draft": {LAB},
    "case:assign": {MANAGER, LEAD},
    "case:declare": OF_THE_TEAM,
    "case:screen": {INTAKE},
    "case:lead": {LEAD},
    "case:review": {INES, LENA},
    "case:ask": {INES, LENA, LEAD},
    "case:concur_request": {LEAD, RUTH},
    "case:write_proposal": {LEAD, RUTH},
    "case:decide": {RUTH},
    "case:counsel": {COUNSEL},
    "case:ratify": {RATIFIER},
    "case:download": {LAB, *OF_THE_TEAM, AUDITOR},
}
"""Who has each permission, among the people of the stages, said here anew."""

Fields = dict[str, Any]


class Step(msgspec.Struct, frozen=True):
    """One act. `signs` names how its signing page opens; without it the form itself does the act."""

    act: Act
    stage: str | State
    user: str
    page: str
    fields: Callable[[Play], Fields] = lambda _: {}
    before: Callable[[Play], object] = lambda _: None
    signs: str = ""

    def form(self, play: Play) -> Fields:
        """Where the form posts, with the ids that it needs, and what is typed."""
        return {"key": f"key-of-{self.act.value}-000", **self.fields(play)}

    def do(self, place: Place, user: str, form: Fields) -> TestResponse:
        """Press the button as this person; sign where the act asks for it."""
        visitor = place.visit(user)
        page = place.at(self.page.format(**{k: v for k, v in form.items() if isinstance(v, str)}))
        if self.signs == "get":
            shown = visitor.open(page)
        else:
            shown = visitor.client.post(page, data={"csrf_token": place.csrf(visitor), **form})
        return _signed(visitor, shown) if self.signs and shown.status_code == 200 else shown


def _signed(visitor: Visitor, shown: TestResponse) -> TestResponse:
    reader = Forms()
    reader.feed(shown.text)
    form = next((f for f in reader.forms if "/sign/" in f["action"]), None)
    if form is None:
        return shown
    data = {**dict(form["fields"]), "user_id": visitor.user, "password": DEMONSTRATION_PASSWORD}
    return visitor.client.post(form["action"], data=data)


# What is done first --------------------------------------------------------------------------------


def all_met(play: Play) -> None:
    play.answer_checklist()


def one_unmet(play: Play) -> None:
    play.answer_checklist(failed={"comparators": "Name one."})


def refusal_ready(play: Play) -> None:
    one_unmet(play)
    play.do(LEAD, A.CONCUR_REFUSAL, Reason(reason="Not met."))


def asked(play: Play) -> None:
    play.do(INES, A.DRAFT_INFORMATION_REQUEST, Questions(items=(QUESTION,)))


def answered(play: Play) -> None:
    play.do(LAB, A.ANSWER_ITEM, ItemAnswer(item_id="Q-1", answer="0.41, of 256."))


def harsher_notice(play: Play) -> None:
    play.propose(A.DRAFT_NOTICE, proposal(Outcome.DENY)).counsel("notice")


def concluded(play: Play) -> None:
    play.conclude(Discipline.CYBER, Conclusion.NO_CONCERN, sign=False)


def found(play: Play) -> None:
    given = FindingGiven(
        discipline=Discipline.CYBER,
        statement="One task in three is solved.",
        severity=Severity.MINOR,
        domain=Domain.CYBER,
        citations=(play.cite(first_graded(play)),),
        uncertainty="The interval is wide.",
    )
    play.do(INES, A.WRITE_FINDING, given)


def dossier_made(play: Play) -> None:
    content = b"%PDF-1.7"
    given = Issued(
        document=DocumentKind.DOSSIER,
        title="Dossier",
        audience="INTERNAL_FULL",
        edition="INTERNAL_FULL",
        sha256=play.office.files.put_bytes(play.case_id, content),
        bytes=len(content),
        at_index=1,
    )
    play.do(SYSTEM.id, A.ISSUE_DOCUMENT, given)


# What is typed -------------------------------------------------------------------------------------


def typed(**fields: Any) -> Callable[[Play], Fields]:
    return lambda _: dict(fields)


def a_finding(play: Play, **more: str) -> Fields:
    return {
        "statement": "Two tasks in five are solved.",
        "cite": f"{first_graded(play)}-m1",
        "severity": "MINOR",
        "uncertainty": "One suite.",
        "alternative_reading": "The tasks may be easy.",
        **more,
    }


def its_finding(play: Play) -> str:
    return play.facts().live_findings[0].id


def grid() -> Fields:
    rows = {}
    for row in memo(Outcome.APPROVE).benefit_risk:
        rows[f"grid-{row.dimension.value}-evidence"] = row.evidence_uncertainties
        rows[f"grid-{row.dimension.value}-so"] = row.conclusions_reasons
    return rows


def dossier(play: Play) -> Fields:
    made = next(d for d in play.facts().documents if d.document is DocumentKind.DOSSIER)
    return {"document": made.id, "purpose": "Yearly check."}


ITEM = {
    "row": "1",
    "provided-1": "One run.",
    "missing-1": "The rate at 256.",
    "basis-1": "Tier 2 turns on it.",
    "cure-1": "A run.",
    "action": "save",
}
ADVICE = {"members": "Five.", "question": "Release?", "advice": "Yes.", "votes": "5 for."}

STEPS = [
    Step(A.SUBMIT, S.DRAFT, LAB, "filing/submit", signs="post"),
    Step(A.REFUSE_TO_ACCEPT, S.ACCEPTANCE_SCREENING, INTAKE, "screening/refuse", before=refusal_ready),
    Step(A.ACCEPT, S.ACCEPTANCE_SCREENING, INTAKE, "screening/accept", before=all_met),
    Step(
        A.RESUBMIT_AFTER_REFUSAL, S.REFUSED_TO_ACCEPT, LAB, "filing/submit",
        typed(**{"answer-comparators": "Named in C4."}), signs="post",
    ),
    Step(
        A.FILE_OVER_PROTEST, S.REFUSED_TO_ACCEPT, LAB, "filing/protest",
        typed(reason="It is there.", conference="HELD"),
    ),
    Step(A.ISSUE_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, LEAD, "questions/issue", before=asked),
    Step(
        A.RESPOND_TO_INFORMATION_REQUEST, S.INFORMATION_REQUEST_HOLD, LAB, "questions/answers",
        typed(**{"answer-Q-1": "0.41, of 256.", "action": "send"}), answered,
    ),
    Step(A.RECOMMEND, "ready to recommend", LEAD, "decision/memo/sign", signs="get"),
    Step(A.RETURN_RECOMMENDATION, S.RECOMMENDATION, RUTH, "decision/return", typed(reason="State the interval.")),
    Step(A.FORWARD_CLEAN, S.RECOMMENDATION, LEAD, "decision/forward"),
    Step(A.ISSUE_NOTICE, "notice drafted", RUTH, "decision/sign", signs="get"),
    Step(A.ANSWER_NOTICE, S.LAB_RESPONSE_WINDOW, LAB, "decision/answer", typed(action="waive")),
    Step(A.ISSUE_NEW_NOTICE, "restriction pending", RUTH, "decision/sign", before=harsher_notice, signs="get"),
    Step(A.APPROVE, S.DECISION_PENDING, RUTH, "decision/sign", signs="get"),
    Step(A.RESTRICT, "restriction pending", RUTH, "decision/sign", signs="get"),
    Step(A.DENY, "denial pending", RUTH, "decision/sign", signs="get"),
    Step(A.WITHDRAW, S.SUBSTANTIVE_REVIEW, LAB, "withdraw", typed(reason="Put off.")),
    Step(
        A.ATTACH_EVIDENCE, S.INFORMATION_REQUEST_HOLD, LAB, "filing/evidence/files",
        lambda _: {"file": (BytesIO(b"A letter."), "letter.txt")},
    ),
    Step(
        A.WITHDRAW_EVIDENCE, S.REFUSED_TO_ACCEPT, LAB, "filing/evidence/EV-01/withdraw", typed(reason="Another run."),
    ),
    Step(A.CONFIRM_MEASUREMENT, S.INFORMATION_REQUEST_HOLD, LAB, "filing/evidence/EV-01"),
    Step(
        A.MATCH_SUBJECT, S.INFORMATION_REQUEST_HOLD, LAB, "filing/evidence/EV-01/match",
        typed(is_subject="yes", note="Ours."),
    ),
    Step(
        A.ASSIGN_ROLE, S.ACCEPTANCE_SCREENING, MANAGER, "team/assign",
        lambda play: {"role": "SIGNATORY", "person_id": play.people[RUTH]},
    ),
    Step(A.ATTEST_CONFLICTS, S.SUBSTANTIVE_REVIEW, INES, "declare", typed(interest="no")),
    Step(A.RECUSE, S.SUBSTANTIVE_REVIEW, INES, "team/recuse", typed(reason="A friend works there.")),
    Step(
        A.ANSWER_CHECKLIST_ITEM, S.ACCEPTANCE_SCREENING, INTAKE, "screening/answer",
        typed(**{"asked-identity": "1", "answer-identity": "YES", "locator-identity": "Cover sheet"}),
    ),
    Step(A.CONCUR_REFUSAL, S.ACCEPTANCE_SCREENING, LEAD, "screening/concur", before=one_unmet),
    Step(A.WRITE_FINDING, S.SUBSTANTIVE_REVIEW, INES, "review/CYBER/finding", a_finding),
    Step(
        A.REVISE_FINDING, S.SUBSTANTIVE_REVIEW, INES, "review/CYBER/finding",
        lambda play: a_finding(play, target=its_finding(play)), found,
    ),
    Step(
        A.WITHDRAW_FINDING, S.SUBSTANTIVE_REVIEW, INES, "review/CYBER/withdraw",
        lambda play: {"target": its_finding(play), "reason": "Counted twice."}, found,
    ),
    Step(
        A.CONCLUDE_REVIEW, S.SUBSTANTIVE_REVIEW, INES, "review/CYBER/conclusion",
        typed(conclusion="NO_CONCERN", scope="All cyber items."),
    ),
    Step(A.SIGN_REVIEW, S.SUBSTANTIVE_REVIEW, INES, "review/CYBER/sign", before=concluded, signs="get"),
    Step(A.DRAFT_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, INES, "questions/draft", typed(**ITEM)),
    Step(A.CONCUR_INFORMATION_REQUEST, S.SUBSTANTIVE_REVIEW, RUTH, "questions/concur", before=asked),
    Step(
        A.ANSWER_ITEM, S.INFORMATION_REQUEST_HOLD, LAB, "questions/answers",
        typed(**{"cannot-Q-1": "The run was lost.", "action": "save"}),
    ),
    Step(
        A.DRAFT_MEMO, S.SUBSTANTIVE_REVIEW, LEAD, "decision/memo/save",
        typed(recommendation="APPROVE", summary="No concern.", action="save", **grid()),
    ),
    Step(
        A.DRAFT_NOTICE, "restriction recommended", LEAD, "decision/notice/save",
        typed(outcome="RESTRICT", transition="Nobody uses it yet.", action="save"),
    ),
    Step(
        A.DRAFT_DECISION, S.DECISION_PENDING, RUTH, "decision/decision/save",
        typed(outcome="APPROVE", comparables_note="None yet.", action="save"),
    ),
    Step(A.CONCUR_LEGAL_SUFFICIENCY, "notice drafted", COUNSEL, "decision/concurrence/sign", signs="get"),
    Step(
        A.DECLINE_CONCURRENCE, "notice drafted", COUNSEL, "decision/concurrence/decline",
        typed(reason="The reasons do not answer F-CY-01."),
    ),
    Step(
        A.RECORD_PANEL_ADVICE, "open weights, in review", RUTH, "decision/panel/sign", typed(**ADVICE), signs="post",
    ),
    Step(A.RATIFY, "open weights, decision drafted", RATIFIER, "decision/ratify", signs="get"),
    Step(
        A.DOWNLOAD_DOCUMENT, S.SUBSTANTIVE_REVIEW, AUDITOR, "documents/{document}/file", dossier,
        dossier_made,
    ),
]  # fmt: skip
