"""Random people try random acts on one case: mostly what is open to them, sometimes anything at all."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from review.acts.packages import filing_of
from review.acts.perform import perform, run_due
from review.demo.play import MANAGER, REVIEWERS, TEAM, Play
from review.rules import reasons
from review.rules.entities import Proposal
from review.rules.facts import Facts
from review.rules.given import (
    Assign,
    ChecklistEntry,
    Confirmation,
    Declaration,
    Downloaded,
    EvidenceFiles,
    FindingGiven,
    ItemAnswer,
    Match,
    MemoGiven,
    NotConcurred,
    NoticeAnswer,
    ProposalGiven,
    Protest,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    RoleRequest,
    Target,
    Withdrawal,
)
from review.rules.refusals import Refused
from review.rules.vocabulary import (
    Act,
    ChecklistAnswer,
    Conclusion,
    Discipline,
    Domain,
    Outcome,
    Role,
    Severity,
)
from review.rules.workflow import ROW, available
from tests.builders import LAB, OTHER_LAB, World, memo, proposal
from tests.guard_changes import QUESTION
from tests.stages import PANEL

A = Act
PEOPLE = (
    LAB,
    OTHER_LAB,
    MANAGER,
    *TEAM.values(),
    *REVIEWERS,
    "helen.whitlock@agency.example",
    "kofi.mensah@agency.example",
)
SECOND_ROLES = {
    "ines.okafor@agency.example": Role.RATIFIER,
    TEAM[Role.COUNSEL]: Role.SIGNATORY,
    TEAM[Role.INTAKE]: Role.COUNSEL,
}
WEIGHTS = {
    A.WITHDRAW: 0.02,
    A.RECUSE: 0.02,
    A.DOWNLOAD_DOCUMENT: 0.02,
    A.ATTEST_CONFLICTS: 0.1,
    A.ASSIGN_ROLE: 0.4,
    A.RETURN_RECOMMENDATION: 0.3,
    A.ANSWER_CHECKLIST_ITEM: 6.0,
}
"""Weights: acts that end a walk, empty its team or can always be done come less often than others."""

Given = Callable[["Walker", Facts, Discipline], Any]


class Walker:
    """One walk over one case; `rows` counts the rows that fired."""

    def __init__(self, world: World, play: Play, seed: int) -> None:
        self.world = world
        self.play = play
        self.chance = random.Random(seed)
        self.rows: Counter[str] = Counter()
        self.tried = 0
        self.done = 0
        self.grant_second_roles()
        self.actors = {user: play.facts(user).actor for user in PEOPLE}

    def grant_second_roles(self) -> None:
        """Some people hold two roles in the agency, so that only the rule keeps them from two on one case."""
        people, office = self.world.people, self.world.office
        for user, role in SECOND_ROLES.items():
            wanted = RoleRequest(person_id=people[user], role=role)
            asked = perform(office, people["kofi.mensah@agency.example"], A.REQUEST_ROLE, None, wanted)
            granted = Target(target=asked.result)
            perform(office, people["anna.kowalska@agency.example"], A.GRANT_ROLE, None, granted)

    def step(self) -> None:
        """Let time pass and the system act, or let somebody try something."""
        if self.chance.random() < 0.12:
            self.world.days_later(self.chance.choice((0.5, 1, 2, 4, 9)))
            before = len(self.events())
            run_due(self.world.office)
            self.count(before)
            return
        found = self.somebody()
        if found is None:
            return
        user, f, act = found
        self.tried += 1
        before = len(self.events())
        try:
            self.play.do(user, act, self.given(act, f))
        except Refused:
            return
        self.done += 1
        self.count(before)

    def somebody(self) -> tuple[str, Facts, Act] | None:
        """A person with an act that is open to that person; sometimes anybody with any act at all."""
        here = self.play.facts()
        seen = {user: msgspec.structs.replace(here, actor=actor) for user, actor in self.actors.items()}
        if self.chance.random() < 0.12:
            every = [act for act, row in ROW.items() if None not in row.start]
            user = self.chance.choice(PEOPLE)
            return user, seen[user], self.chance.choice(every)
        offered = [(user, one.row) for user, f in seen.items() for one in available(f) if one.open]
        if not offered:
            return None
        weights = [WEIGHTS.get(row.act, 4.0 if row.to is not None else 1.0) for _, row in offered]
        [(user, row)] = self.chance.choices(offered, weights)
        return user, seen[user], row.act

    def events(self) -> list[str]:
        with self.world.office.database.reading() as conn:
            statement = 'SELECT act FROM event WHERE case_id = ? ORDER BY "index"'
            return list(conn.exec_driver_sql(statement, (self.play.case_id,)).scalars())

    def count(self, before: int) -> None:
        for act in self.events()[before:]:
            if act != Act.REFUSED.value:
                self.rows[ROW[Act(act)].id] += 1

    def given(self, act: Act, f: Facts) -> Any:
        """Something plausible to come with the act; sometimes not good enough."""
        make = GIVEN.get(act)
        disciplines = sorted(f.my_disciplines) or list(Discipline)
        return make(self, f, self.chance.choice(disciplines)) if make else None

    def some(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def words(self) -> str:
        return self.some(
            "The interval is wide.", "Nothing else is known.", "The targets were easy.", "It is there.", " "
        )

    def item(self, f: Facts) -> Any:
        return self.chance.choice(f.evidence)


def _finding(w: Walker, f: Facts, d: Discipline) -> FindingGiven:
    own = [one.id for one in f.live_findings if one.author_id == f.actor.id]
    return FindingGiven(
        discipline=d,
        statement=w.words(),
        severity=w.some(Severity.MINOR, Severity.MINOR, Severity.MAJOR, Severity.DECISIVE),
        domain=Domain.GENERAL,
        citations=(w.play.cite(w.some("EV-01", "EV-02", "EV-04", "EV-07")),),
        uncertainty="The interval is stated.",
        alternative_reading=w.words(),
        target=w.chance.choice(own) if own else None,
    )


def _conclusion(w: Walker, f: Facts, d: Discipline) -> ReviewConclusion:
    worse = (Conclusion.CONCERN_MITIGABLE, Conclusion.CONCERN_NOT_MITIGABLE)
    found = any(one.discipline is d for one in f.live_findings)
    return ReviewConclusion(
        discipline=d, conclusion=w.chance.choice(worse) if found else Conclusion.NO_CONCERN
    )


def _sign(w: Walker, f: Facts, d: Discipline) -> ReviewOf:
    open_ = [
        r.discipline for r in f.live_reviews if r.person_id == f.actor.id and not f.signed(r.signature_id)
    ]
    return ReviewOf(discipline=w.chance.choice(open_) if open_ else d)


def _memo(w: Walker, _f: Facts, _d: Discipline) -> MemoGiven:
    return memo(w.some(Outcome.APPROVE, Outcome.RESTRICT, Outcome.RESTRICT, Outcome.DENY))


def _proposal(w: Walker, f: Facts, answered: bool) -> Proposal:
    """What the memo recommends, or something else; its reasons drafted as the page drafts them."""
    outcome = f.recommended or Outcome.APPROVE
    if w.chance.random() < 0.2:
        outcome = w.chance.choice(list(Outcome))
    whole = proposal(outcome)
    numbers = tuple(one.number for one in f.live_findings)
    conditions = tuple(msgspec.structs.replace(c, findings=numbers) for c in whole.conditions)
    last = f.last_notice
    points = (
        [msgspec.structs.replace(p, answer="Considered.") for p in last.points] if last and answered else []
    )
    drafted = reasons.draft(
        f.live_findings,
        f.memo,
        f.policy.agency.legal_basis,
        whole.alternatives,
        whole.comparables,
        points,
        comparables_note=whole.comparables_note,
    )
    return msgspec.structs.replace(whole, conditions=conditions, reasons=drafted)


def _decision(w: Walker, f: Facts, _d: Discipline) -> ProposalGiven:
    last = f.last_notice
    answers = {point.id: "Considered." for point in last.points} if last else {}
    return ProposalGiven(proposal=_proposal(w, f, True), point_answers=answers)


def _assign(w: Walker, f: Facts, d: Discipline) -> Assign:
    holders = [*((user, role) for role, user in TEAM.items()), *SECOND_ROLES.items()]
    user, role = w.chance.choice(holders)
    if Role.LEAD in f.my_roles:
        user, role = w.chance.choice(list(REVIEWERS)), Role.REVIEWER
    disciplines = REVIEWERS.get(user, (d,)) if role is Role.REVIEWER else ()
    return Assign(person_id=w.world.people[user], role=role, disciplines=disciplines)


def _entry(w: Walker, f: Facts, _d: Discipline) -> ChecklistEntry:
    items = f.checklist.items if f.checklist else ()
    left = [i.key for i in items if i.answer is None] or [i.key for i in items] or ["identity"]
    answer = ChecklistAnswer.NO if w.chance.random() < 0.05 else ChecklistAnswer.YES
    return ChecklistEntry(key=w.chance.choice(left), answer=answer, locator="C1", cure="Name one.")


def _answer_item(w: Walker, f: Facts, _d: Discipline) -> ItemAnswer:
    asked = f.open_request
    return ItemAnswer(item_id=asked.items[0].id if asked else "Q-1", answer=w.words())


def _answers(w: Walker, f: Facts, _d: Discipline) -> Any:
    failed = f.checklist.failed if f.checklist else ()
    return filing_of(w.world.office, w.play.case_id, {item.key: w.words() for item in failed})


def _confirm(w: Walker, f: Facts, _d: Discipline) -> Confirmation:
    item = w.item(f)
    return Confirmation(
        evidence_id=item.id, measurements=item.measurements, domain=item.domain, attributes=item.attributes
    )


def _question(w: Walker, _f: Facts, _d: Discipline) -> Questions:
    missing = w.some("The rate at 256 attempts.", "The transcripts.", "A second seed.")
    return Questions(items=(msgspec.structs.replace(QUESTION, missing=missing),))


def _reason(w: Walker, _f: Facts, _d: Discipline) -> Reason:
    return Reason(reason=w.words())


GIVEN: dict[Act, Given] = {
    A.SUBMIT: _answers,
    A.RESUBMIT_AFTER_REFUSAL: _answers,
    A.FILE_OVER_PROTEST: lambda w, f, d: Protest(reason=w.words(), conference=w.some("HELD", "WAIVED", "")),
    A.RETURN_RECOMMENDATION: _reason,
    A.WITHDRAW: _reason,
    A.RECUSE: _reason,
    A.CONCUR_REFUSAL: _reason,
    A.ANSWER_NOTICE: lambda w, f, d: NoticeAnswer(waived=w.some(True, False), points=(w.words(), w.words())),
    A.ATTACH_EVIDENCE: lambda w, f, d: EvidenceFiles(title="A letter", files=()),
    A.WITHDRAW_EVIDENCE: lambda w, f, d: Withdrawal(target=f.evidence[-1].id, reason=w.words()),
    A.CONFIRM_MEASUREMENT: _confirm,
    A.MATCH_SUBJECT: lambda w, f, d: Match(evidence_id=w.item(f).id, is_subject=True, note=w.words()),
    A.ASSIGN_ROLE: _assign,
    A.ATTEST_CONFLICTS: lambda w, f, d: Declaration(interest=w.chance.random() < 0.03),
    A.ANSWER_CHECKLIST_ITEM: _entry,
    A.WRITE_FINDING: _finding,
    A.REVISE_FINDING: _finding,
    A.WITHDRAW_FINDING: lambda w, f, d: Withdrawal(target=_finding(w, f, d).target or "", reason=w.words()),
    A.CONCLUDE_REVIEW: _conclusion,
    A.SIGN_REVIEW: _sign,
    A.DRAFT_INFORMATION_REQUEST: _question,
    A.ANSWER_ITEM: _answer_item,
    A.DRAFT_MEMO: _memo,
    A.DRAFT_NOTICE: lambda w, f, d: ProposalGiven(proposal=_proposal(w, f, False)),
    A.DRAFT_DECISION: _decision,
    A.CONCUR_LEGAL_SUFFICIENCY: lambda w, f, d: Target(target=w.some("notice", "decision")),
    A.DECLINE_CONCURRENCE: lambda w, f, d: NotConcurred(
        target=w.some("notice", "decision"), reason=w.words()
    ),
    A.RECORD_PANEL_ADVICE: lambda w, f, d: PANEL,
    A.DOWNLOAD_DOCUMENT: lambda w, f, d: Downloaded(document_id=f.documents[0].id if f.documents else ""),
}
