"""Plays a case: each method is what a persona does, through the same acts as the pages.

The demonstration docket and the tests tell their stories with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from review import package as packages
from review.acts.office import Office
from review.acts.packages import filing_of, open_prepared
from review.acts.perform import Done, perform
from review.acts.signing import Signing, prepare
from review.casefile import gather
from review.records import store
from review.rules import reasons
from review.rules.entities import Case, Citation, Proposal
from review.rules.facts import SYSTEM, Facts
from review.rules.given import (
    Assign,
    ChecklistEntry,
    Declaration,
    FindingGiven,
    MemoGiven,
    ProposalGiven,
    Reason,
    ReviewConclusion,
    ReviewOf,
    Target,
)
from review.rules.vocabulary import Act, ChecklistAnswer, Conclusion, Discipline, Domain, Role, Severity
from review.rules.workflow import ROW
from review.settings import DEMONSTRATION_PASSWORD

TEAM: dict[Role, str] = {
    Role.INTAKE: "peter.lindgren@agency.example",
    Role.LEAD: "daniel.reyes@agency.example",
    Role.SIGNATORY: "ruth.adeyemi@agency.example",
    Role.COUNSEL: "tomas.vega@agency.example",
    Role.RATIFIER: "grace.mbeki@agency.example",
}
MANAGER = "amara.diallo@agency.example"
REVIEWERS: dict[str, tuple[Discipline, ...]] = {
    "ines.okafor@agency.example": (Discipline.CYBER, Discipline.SAFEGUARDS_SECURITY),
    "lena.haas@agency.example": (
        Discipline.CBRN,
        Discipline.AUTONOMY,
        Discipline.SOCIETAL_MANIPULATION,
        Discipline.DEPLOYMENT_ACCESS,
    ),
}


class Play:
    """One case in the hands of the personas. User ids name who acts."""

    def __init__(self, office: Office, people: Mapping[str, str], lab: str, case_id: str = "") -> None:
        self.office = office
        self.people = people
        self.lab = lab
        self.case_id = case_id

    def do(self, user: str, act: Act, given: Any = None, **more: Any) -> Done:
        """One act of a persona on this case; signs where the row asks for it."""
        by = self.people.get(user, user)
        signing = None
        if ROW[act].signature is not None:
            ready = prepare(self.office, by, act, self.case_id, given)
            signing = Signing(nonce=ready.nonce, user_id=user, password=DEMONSTRATION_PASSWORD)
        return perform(self.office, by, act, self.case_id, given, signing_with=signing, **more)

    def facts(self, user: str | None = None) -> Facts:
        """The facts of the case as a persona, or the system, has them now."""
        with self.office.database.reading() as conn:
            case = store.case(conn, self.case_id)
            assert case is not None
            by = gather.actor(conn, self.people[user]) if user else SYSTEM
            return gather.facts(conn, case, by, self.office.now(), lacking=gather.missing)

    @property
    def case(self) -> Case:
        case = self.facts().case
        assert case is not None
        return case

    # The lab ------------------------------------------------------------------------------------

    def prepare_filing(self, package: packages.Package) -> "Play":
        """Open a draft with everything in it, short of the signature."""
        self.case_id = open_prepared(self.office, self.people[self.lab], package)
        return self

    def submit(self, answered: Mapping[str, str] | None = None) -> "Play":
        """File the draft, first or again."""
        act = Act.RESUBMIT_AFTER_REFUSAL if answered is not None else Act.SUBMIT
        self.do(self.lab, act, filing_of(self.office, self.case_id, answered))
        return self

    # The agency ---------------------------------------------------------------------------------

    def assign(self, *roles: Role) -> "Play":
        """The docket manager assigns; each person declares that there is nothing to add."""
        for role in roles:
            self.do(MANAGER, Act.ASSIGN_ROLE, Assign(person_id=self.people[TEAM[role]], role=role))
            self.do(
                TEAM[role], Act.ATTEST_CONFLICTS, Declaration(interest=False, statement="Nothing to add.")
            )
        return self

    def answer_checklist(self, *, failed: Mapping[str, str] | None = None) -> "Play":
        """Intake goes through the questions; `failed` gives the keys that are not met, with what would cure them."""
        checklist = self.facts().checklist
        assert checklist is not None
        failed = failed or {}
        for item in checklist.items:
            wrong = item.key in failed
            not_here = item.by_rule is ChecklistAnswer.NOT_APPLICABLE
            answer = (
                ChecklistAnswer.NO
                if wrong
                else ChecklistAnswer.NOT_APPLICABLE
                if not_here
                else ChecklistAnswer.YES
            )
            entry = ChecklistEntry(
                key=item.key,
                answer=answer,
                locator=", ".join(item.places) or "Cover sheet",
                note="Does not concern this filing." if not_here else "",
                cure=failed.get(item.key, ""),
            )
            self.do(TEAM[Role.INTAKE], Act.ANSWER_CHECKLIST_ITEM, entry)
        return self

    def accept(self) -> "Play":
        self.do(TEAM[Role.INTAKE], Act.ACCEPT)
        return self

    def refuse(self) -> "Play":
        """The lead concurs, intake sends the refusal."""
        self.do(TEAM[Role.LEAD], Act.CONCUR_REFUSAL, Reason(reason="The items named are not met."))
        self.do(TEAM[Role.INTAKE], Act.REFUSE_TO_ACCEPT)
        return self

    def assign_reviewers(self, *, declare: bool = True) -> "Play":
        """The lead names reviewers for all six disciplines."""
        for user, disciplines in REVIEWERS.items():
            given = Assign(person_id=self.people[user], role=Role.REVIEWER, disciplines=disciplines)
            self.do(TEAM[Role.LEAD], Act.ASSIGN_ROLE, given)
            if declare:
                self.do(user, Act.ATTEST_CONFLICTS, Declaration(interest=False, statement="Nothing to add."))
        return self

    def cite(self, number: str, locator: str = "", value: str = "") -> Citation:
        """A citation of an evidence item as it stands."""
        item = next(item for item in self.facts().evidence if item.number == number)
        first = item.measurements[0] if item.measurements else None
        return Citation(
            evidence_id=item.id,
            number=number,
            sha256=item.files[0].sha256,
            locator=locator or (first.pointer if first else "whole file") or "whole file",
            value=value or (first.value if first else ""),
        )

    def finding(
        self,
        discipline: Discipline,
        statement: str,
        evidence: Sequence[str],
        *,
        severity: Severity = Severity.MINOR,
        domain: Domain = Domain.GENERAL,
        uncertainty: str = "The interval is stated; nothing else is known to move it.",
        alternative: str = "",
        tier: int | None = None,
    ) -> str:
        """The discipline's reviewer writes a finding; returns its number."""
        user = reviewer_of(discipline)
        given = FindingGiven(
            discipline=discipline,
            statement=statement,
            severity=severity,
            domain=domain,
            tier=tier,
            citations=tuple(self.cite(number) for number in evidence),
            uncertainty=uncertainty,
            alternative_reading=alternative,
        )
        return self.do(user, Act.WRITE_FINDING, given).result

    def conclude(
        self,
        discipline: Discipline,
        conclusion: Conclusion = Conclusion.NO_CONCERN,
        summary: str = "",
        *,
        sign: bool = True,
    ) -> "Play":
        """State the conclusion of a review and sign it."""
        user = reviewer_of(discipline)
        given = ReviewConclusion(
            discipline=discipline,
            conclusion=conclusion,
            scope=f"The filing's {discipline.label} sections and the evidence they cite.",
            summary=summary or "Nothing in the filing or its evidence raises a concern in this discipline.",
        )
        self.do(user, Act.CONCLUDE_REVIEW, given)
        if sign:
            self.do(user, Act.SIGN_REVIEW, ReviewOf(discipline=discipline))
        return self

    def conclude_rest(self) -> "Play":
        """No concern in every discipline that has not signed."""
        for discipline in Discipline:
            f = self.facts()
            if not any(r.discipline is discipline and f.signed(r.signature_id) for r in f.live_reviews):
                self.conclude(discipline)
        return self

    def recommend(self, memo: MemoGiven) -> "Play":
        self.do(TEAM[Role.LEAD], Act.DRAFT_MEMO, memo)
        self.do(TEAM[Role.LEAD], Act.RECOMMEND)
        return self

    def propose(self, act: Act, proposal: Proposal, answers: Mapping[str, str] | None = None) -> "Play":
        """The lead drafts a notice or a decision, with the reasons drafted from findings and memo."""
        f = self.facts()
        points = f.last_notice.points if f.last_notice else ()
        answered = [msgspec.structs.replace(p, answer=(answers or {}).get(p.id, "")) for p in points]
        drafted = reasons.draft(
            f.live_findings,
            f.memo,
            f.policy.agency.legal_basis,
            proposal.alternatives,
            proposal.comparables,
            answered if act is Act.DRAFT_DECISION else [],
            comparables_note=proposal.comparables_note,
        )
        whole = msgspec.structs.replace(proposal, reasons={**drafted, **proposal.reasons})
        self.do(TEAM[Role.LEAD], act, ProposalGiven(proposal=whole, point_answers=dict(answers or {})))
        return self

    def counsel(self, target: str) -> "Play":
        self.do(TEAM[Role.COUNSEL], Act.CONCUR_LEGAL_SUFFICIENCY, Target(target=target))
        return self

    def sign_decision(self, act: Act) -> "Play":
        self.do(TEAM[Role.SIGNATORY], act)
        return self


def reviewer_of(discipline: Discipline) -> str:
    return next(user for user, covered in REVIEWERS.items() if discipline in covered)
