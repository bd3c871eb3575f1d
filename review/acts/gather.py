"""The facts of a case at a moment, for one person: what the rules are asked about."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from review.audit import canonical
from review.records import store
from review.records.files import FileStore
from review.records.tables import draft
from review.rules import instruments, policy, signature
from review.rules.clock import local_date
from review.rules.entities import (
    Assignment,
    Authorization,
    Case,
    Checklist,
    ConflictAttestation,
    Decision,
    DisciplineReview,
    EvidenceItem,
    FilingVersion,
    Finding,
    InformationRequest,
    Memo,
    NoticeOfIntendedDecision,
    Organization,
    OwedDocument,
    PanelAdvice,
    Person,
    ReviewCycle,
    RoleGrant,
    Signature,
)
from review.rules.facts import SYSTEM, Actor, Facts
from review.rules.instruments import EvidenceSummary, Missing
from review.rules.vocabulary import State


def actor(conn: Connection, person_id: str) -> Actor:
    """Who a person is in the house at this moment; rights are computed at use, from live records."""
    if person_id == SYSTEM.id:
        return SYSTEM
    person = store.get(conn, Person, person_id)
    if person is None or not person.active:
        return Actor(id="", name="")
    if person.organization_id is not None:
        lab = store.get(conn, Organization, person.organization_id)
        return Actor(
            id=person.id,
            name=person.name,
            user_id=person.user_id,
            organization_id=person.organization_id,
            organization_name=lab.name if lab else "",
            organization_verified=bool(lab and lab.verified_by),
            lab_role=person.lab_role,
        )
    grants = [grant for grant in store.of_person(conn, RoleGrant, person_id) if grant.held]
    return Actor(
        id=person.id,
        name=person.name,
        user_id=person.user_id,
        roles=frozenset(grant.role for grant in grants),
        disciplines=frozenset(d for grant in grants for d in grant.disciplines),
    )


def drafts(conn: Connection, case_id: str) -> dict[str, Any]:
    """The draft answers of all instruments, as typed: instrument -> section -> field."""
    rows = conn.execute(select(draft.c.instrument, draft.c.section, draft.c.answers).where(draft.c.case_id == case_id))
    found: dict[str, Any] = {}
    for instrument, section, answers in rows:
        found.setdefault(instrument, {})[section] = msgspec.json.decode(answers)
    return found


def summaries(items: tuple[EvidenceItem, ...]) -> list[EvidenceSummary]:
    """What the acceptance rules need to know of each evidence item that stands."""
    return [
        instruments.summarize(item.id, item.attributes, status=item.status, has_log_hash=bool(item.files))
        for item in items
        if item.withdrawn is None
    ]


def missing(conn: Connection, case: Case, items: tuple[EvidenceItem, ...]) -> tuple[Missing, ...]:
    """The one list of what a draft still lacks."""
    return tuple(instruments.missing(drafts(conn, case.id), summaries(items)))


def facts(
    conn: Connection,
    case: Case | None,
    by: Actor,
    now: datetime,
    *,
    given: Any = None,
    records: store.Records | None = None,
    lacking: Callable[[Connection, Case, tuple[EvidenceItem, ...]], tuple[Missing, ...]] | None = None,
) -> Facts:
    """Everything the rules may ask about a case and a person. `lacking` judges a draft, where that matters."""
    if case is None:
        rules = policy.current()
        return Facts(now=now, today=local_date(now, rules.agency.zone), policy=rules, actor=by, given=given)
    rules = policy.load(case.policy)
    own = records or store.of_case(conn, case.id)
    evidence = own.all(EvidenceItem)
    in_draft = case.state in {State.DRAFT, State.REFUSED_TO_ACCEPT} and by.is_lab
    bare = Facts(
        now=now,
        today=local_date(now, rules.agency.zone),
        policy=rules,
        actor=by,
        case=case,
        cycle=own.last(ReviewCycle),
        assignments=own.all(Assignment),
        attestations=own.all(ConflictAttestation),
        filings=own.all(FilingVersion),
        evidence=evidence,
        checklist=_of_cycle(own),
        reviews=own.all(DisciplineReview),
        findings=own.all(Finding),
        requests=own.all(InformationRequest),
        memo=_memo(own),
        notices=own.all(NoticeOfIntendedDecision),
        decision=own.last(Decision),
        panel=own.last(PanelAdvice),
        authorization=own.last(Authorization),
        signatures=own.all(Signature),
        documents=own.all(OwedDocument),
        missing=lacking(conn, case, evidence) if lacking and in_draft else None,
        given=given,
    )
    return msgspec.structs.replace(bare, valid_signatures=valid_signatures(bare))


def _of_cycle(own: store.Records) -> Checklist | None:
    cycle = own.last(ReviewCycle)
    return next((c for c in own.all(Checklist) if cycle is not None and c.cycle_id == cycle.id), None)


def _memo(own: store.Records) -> Memo | None:
    cycle = own.last(ReviewCycle)
    return next((m for m in own.all(Memo) if cycle is not None and m.cycle_id == cycle.id), None)


def valid_signatures(f: Facts) -> frozenset[str]:
    """Signatures that still fit the content that they were given for (21 CFR 11.70)."""
    contents = signature.current_contents(f)
    digests: dict[tuple[str, str], str] = {}
    valid: set[str] = set()
    for sign in f.signatures:
        place = (sign.record_kind, sign.record_id)
        if sign.superseded is not None:
            continue
        if sign.record_kind == signature.RecordKind.FILING:
            valid.add(sign.id)
            continue
        if place in contents and place not in digests:
            digests[place] = canonical.digest(contents[place])
        if digests.get(place) == sign.content_sha256:
            valid.add(sign.id)
    return frozenset(valid)


def broken_files(files: FileStore, f: Facts) -> frozenset[str]:
    """Files of the case whose bytes no longer have their hash. Costly: asked before deciding acts only."""
    assert f.case is not None
    wanted = {file.sha256 for item in f.evidence if item.withdrawn is None for file in item.files}
    return frozenset(sha for sha in wanted if not files.verify(f.case.id, sha))


def house_facts(conn: Connection, base: Facts) -> Facts:
    """Adds the person or the grant that an act on people concerns."""
    given = base.given
    person_id = getattr(given, "person_id", None)
    grant = store.get(conn, RoleGrant, given.target) if hasattr(given, "target") and base.case is None else None
    if grant is not None:
        person_id = grant.person_id
    if person_id is None:
        return base
    return msgspec.structs.replace(
        base,
        subject=store.get(conn, Person, person_id),
        subject_grants=store.of_person(conn, RoleGrant, person_id),
        grant=grant,
    )
