"""Facts of standing cases, and ways to take one thing away from them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from review.demo.play import TEAM, Play
from review.rules.entities import (
    Checklist,
    ChecklistItem,
    Citation,
    EvidenceItem,
    InformationRequest,
    PanelAdvice,
    Person,
    Proposal,
    RoleGrant,
)
from review.rules.facts import SYSTEM, Facts
from review.rules.given import (
    Confirmation,
    DeficiencyItem,
    Filing,
    FindingGiven,
    Protest,
)
from review.rules.instruments import Missing
from review.rules.vocabulary import (
    Act,
    ChecklistAnswer,
    Discipline,
    Domain,
    Role,
    Severity,
    State,
)
from tests.stages import PANEL, standing

Change = Callable[[Facts], Facts]
with_ = msgspec.structs.replace

A, S = Act, State
INES, LENA = "ines.okafor@agency.example", "lena.haas@agency.example"
LEAD, INTAKE, RUTH = TEAM[Role.LEAD], TEAM[Role.INTAKE], TEAM[Role.SIGNATORY]
COUNSEL, RATIFIER = TEAM[Role.COUNSEL], TEAM[Role.RATIFIER]
KOFI, ANNA = "kofi.mensah@agency.example", "anna.kowalska@agency.example"
THE_SYSTEM = ""


def at(stage: str | State, user: str, given: Any = None, *changes: Change) -> Callable[[], Facts]:
    """The facts of a standing case as a person has them."""

    def facts() -> Facts:
        play: Play = standing(stage)
        f = with_(play.facts(user) if user else play.facts(), given=given)
        if not user:
            f = with_(f, actor=SYSTEM)
        for change in changes:
            f = change(f)
        return f

    return facts


def house(user: str, given: Any = None, *changes: Change) -> Callable[[], Facts]:
    def outside(f: Facts) -> Facts:
        return with_(f, case=None, cycle=None, assignments=(), attestations=())

    return at(S.DRAFT, user, given, outside, *changes)


def given(**values: Any) -> Change:
    """What comes with the act, changed."""
    return lambda f: with_(f, given=with_(f.given, **values))


def facts(**values: Any) -> Change:
    return lambda f: with_(f, **values)


def later(days: float) -> Change:
    return lambda f: with_(f, now=f.now + timedelta(days=days), today=f.today + timedelta(days=days))


def unsigned(signature_of: Callable[[Facts], str | None]) -> Change:
    """A signature that no longer fits its record."""
    return lambda f: with_(f, valid_signatures=f.valid_signatures - {signature_of(f) or ""})


# Checklists -------------------------------------------------------------------------------------


def answered(*failed: str, **values: Any) -> Change:
    """Every question answered yes, save those that failed, which say where and how."""

    def item(one: ChecklistItem) -> ChecklistItem:
        answer = ChecklistAnswer.NO if one.key in failed else ChecklistAnswer.YES
        return with_(one, answer=answer, locator="Cover sheet", cure="Name one.")

    def change(f: Facts) -> Facts:
        assert f.checklist is not None
        items = tuple(item(one) for one in f.checklist.items)
        return with_(f, checklist=with_(f.checklist, items=items, **values))

    return change


def first_item(**values: Any) -> Change:
    def change(f: Facts) -> Facts:
        assert f.checklist is not None
        first, *rest = f.checklist.items
        return with_(f, checklist=with_(f.checklist, items=(with_(first, **values), *rest)))

    return change


def failed_item_without_cure(f: Facts) -> Facts:
    checklist: Checklist = f.checklist  # type: ignore[assignment]
    items = tuple(with_(i, cure="") if i.answer is ChecklistAnswer.NO else i for i in checklist.items)
    return with_(f, checklist=with_(checklist, items=items))


def refused_days_ago(days: int, warned: int | None = None) -> Change:
    def change(f: Facts) -> Facts:
        assert f.checklist is not None and f.cycle is not None
        sent = () if warned is None else (f"refusal@{f.today - timedelta(days=warned)}",)
        checklist = with_(f.checklist, refused_on=f.today - timedelta(days=days))
        return with_(f, checklist=checklist, cycle=with_(f.cycle, warnings=sent))

    return change


def without(role: Role) -> Change:
    return lambda f: with_(f, assignments=tuple(a for a in f.assignments if a.role is not role))


# People -----------------------------------------------------------------------------------------

NEWCOMER = Person(id="newcomer", user_id="new.comer@agency.example", name="New Comer")


def grants(*roles: Role, disciplines: tuple[Discipline, ...] = ()) -> tuple[RoleGrant, ...]:
    return tuple(
        RoleGrant(
            id=f"grant-{role}",
            person_id=NEWCOMER.id,
            role=role,
            disciplines=disciplines,
            requested_by="kofi",
            granted_by="anna",
        )
        for role in roles
    )


def newcomer(*roles: Role) -> Change:
    return facts(subject=NEWCOMER, subject_grants=grants(*roles))


def once_lead(f: Facts) -> Facts:
    """The newcomer led this case for a while."""
    held = with_(f.assignments[0], id="old", person_id=NEWCOMER.id, role=Role.LEAD, ended=f.now)
    return with_(f, assignments=(*f.assignments, held))


def request(by: str, granted: str | None = None) -> Change:
    def change(f: Facts) -> Facts:
        made = RoleGrant(id="asked", person_id="x", role=Role.LEAD, requested_by=by, granted_by=granted)
        return with_(f, grant=made)

    return change


def asked_by_me(f: Facts) -> Facts:
    return request(f.actor.id)(f)


# Evidence, findings, questions ------------------------------------------------------------------


def item_of(f: Facts, number: str) -> EvidenceItem:
    return next(item for item in f.evidence if item.number == number)


def cite(f: Facts, number: str) -> Citation:
    item = item_of(f, number)
    return Citation(evidence_id=item.id, number=number, sha256=item.files[0].sha256, locator="results")


def finding(**values: Any) -> Change:
    """A decisive cyber finding that cites EV-01, as written by its reviewer."""

    def change(f: Facts) -> Facts:
        whole = FindingGiven(
            discipline=Discipline.CYBER,
            statement="Tier 2 holds with safeguards off.",
            severity=Severity.DECISIVE,
            domain=Domain.CYBER,
            citations=(cite(f, "EV-01"),),
            uncertainty="The interval is wide.",
            alternative_reading="The targets were easy.",
        )
        return with_(f, given=with_(whole, **values))

    return change


def about_another_model(f: Facts) -> Facts:
    def other(item: EvidenceItem) -> EvidenceItem:
        assert item.match is not None
        return with_(item, match=with_(item.match, is_subject=False), attributes={})

    return with_(f, evidence=tuple(other(item) for item in f.evidence))


def confirms(number: str) -> Change:
    def change(f: Facts) -> Facts:
        numbers = item_of(f, "EV-01").measurements
        chosen = item_of(f, number).id
        return with_(f, given=Confirmation(evidence_id=chosen, measurements=numbers, domain=Domain.CYBER))

    return change


def no_conclusion(f: Facts) -> Facts:
    return with_(f, reviews=tuple(with_(review, conclusion=None) for review in f.reviews))


def bare_finding(f: Facts) -> Facts:
    """A major finding that cites nothing."""
    decisive = standing(S.DECIDED_RESTRICTED).facts().findings[0]
    review = next(r for r in f.live_reviews if r.discipline is Discipline.CYBER)
    bare = with_(decisive, review_id=review.id, severity=Severity.MAJOR, citations=())
    return with_(f, findings=(bare,))


def rests_on(number: str) -> Change:
    def change(f: Facts) -> Facts:
        found = tuple(with_(finding, citations=(cite(f, number),)) for finding in f.findings)
        return with_(f, findings=found)

    return change


QUESTION = DeficiencyItem(
    id="Q-1",
    provided="One run.",
    missing="The rate at 256 attempts.",
    basis="Tier 2 turns on it.",
    cure="A run with 256 attempts.",
    severity=Severity.MAJOR,
)


def drafted(by: str, **values: Any) -> Change:
    """A drafted question."""

    def change(f: Facts) -> Facts:
        assert f.case is not None
        author = standing(S.SUBSTANTIVE_REVIEW).people[by]
        made = InformationRequest(
            id="draft",
            case_id=f.case.id,
            number="IR-09",
            items=(QUESTION,),
            drafted_by=author,
            drafted_by_role=Role.REVIEWER,
        )
        return with_(f, requests=(*f.requests, with_(made, **values)))

    return change


def issued(number: str, missing: str) -> Change:
    """A question that was issued and answered."""

    def change(f: Facts) -> Facts:
        item = with_(QUESTION, missing=missing, answer="Here.")
        made = drafted(INES)(f).requests[-1]
        done = with_(made, id=number, number=number, items=(item,), issued_at=f.now, answered_at=f.now)
        return with_(f, requests=(done, *f.requests))

    return change


def open_question(days: int = 0, *warned: tuple[int, int], answer: str = "Here.") -> Change:
    """The question was issued so many days ago; warnings as (which, days ago)."""

    def change(f: Facts) -> Facts:
        asked = f.open_request
        assert asked is not None
        sent = tuple(f"{key}@{f.today - timedelta(days=ago)}" for key, ago in warned)
        items = tuple(with_(item, answer=answer) for item in asked.items)
        moved = with_(asked, issued_at=f.now - timedelta(days=days), warnings=sent, items=items)
        return with_(f, requests=(moved,))

    return change


# Memo, notice, decision -------------------------------------------------------------------------


def the_memo(**values: Any) -> Change:
    return lambda f: with_(f, memo=with_(f.memo, **values)) if f.memo else f


def _proposed(proposal: Proposal, values: dict[str, Any]) -> Proposal:
    reasons = {**proposal.reasons, **values.pop("reasons", {})}
    return with_(proposal, reasons=reasons, **values)


def notice(**values: Any) -> Change:
    """The draft notice, or the last one, proposes something else."""

    def change(f: Facts) -> Facts:
        last = f.notices[-1]
        return with_(
            f, notices=(*f.notices[:-1], with_(last, proposal=_proposed(last.proposal, dict(values))))
        )

    return change


def decision(**values: Any) -> Change:
    def change(f: Facts) -> Facts:
        assert f.decision is not None
        return with_(f, decision=with_(f.decision, proposal=_proposed(f.decision.proposal, dict(values))))

    return change


def drafted_before_the_notice(f: Facts) -> Facts:
    """The answers in the draft are answers to an earlier notice."""
    return with_(f, decision=with_(f.decision, notice_id="an earlier one"))  # type: ignore[type-var]


def point_unanswered(f: Facts) -> Facts:
    return with_(f, decision=with_(f.decision, point_answers={}))  # type: ignore[type-var]


def new_notice(f: Facts) -> Facts:
    """A second notice, drafted as the decision is and with counsel's signature."""
    assert f.decision is not None
    last = f.notices[-1]
    fresh = with_(
        last,
        id="second",
        ordinal=2,
        issued_at=None,
        signature_id=None,
        counsel_signature_id=f.decision.counsel_signature_id,
    )
    return with_(f, notices=(last, fresh))


def undrafted_notice(f: Facts) -> Facts:
    return with_(f, notices=f.notices[:1])


def declared_days_ago(days: int) -> Change:
    def change(f: Facts) -> Facts:
        moved = tuple(with_(a, at=f.now - timedelta(days=days)) for a in f.attestations)
        return with_(f, attestations=moved)

    return change


def advised(f: Facts) -> Facts:
    """Panel advice and a ratifier's signature are on record."""
    assert f.case is not None and f.decision is not None
    values = {key: getattr(PANEL, key) for key in PANEL.__struct_fields__}
    advice = PanelAdvice(id="advice", case_id=f.case.id, signature_id="ruth signed", **values)
    ratified = with_(f.decision, ratifier_signature_id="grace signed")
    valid = f.valid_signatures | {"ruth signed", "grace signed"}
    return with_(f, panel=advice, decision=ratified, valid_signatures=valid)


def newer_evidence(f: Facts) -> Facts:
    """The evidence arrived after the notice."""
    later_on = f.now + timedelta(days=5)
    return with_(f, evidence=tuple(with_(item, attached_at=later_on) for item in f.evidence))


def broken(f: Facts) -> Facts:
    return with_(f, broken_files=frozenset({item_of(f, "EV-02").files[0].sha256}))


GAP = Missing(
    instrument="cover_sheet",
    section="model",
    field="model_name",
    place="cover_sheet/model/model_name",
    sentence="Name the model.",
)
FILING = Filing(answers={}, instruments={}, answered_deficiencies={"comparators": "Named in C4."})
PROTEST = Protest(reason="All is there.", conference="WAIVED")
SHORT = {"reasons": {"risk": " "}}
