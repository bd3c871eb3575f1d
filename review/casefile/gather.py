"""The facts of a case at a moment, for one person: what the rules are asked about."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from review.audit import canonical
from review.casefile.shape import Entry
from review.records import store
from review.records.files import FileStore
from review.records.tables import draft
from review.rules import instruments, policy, signature
from review.rules.clock import local_date
from review.rules.entities import (
    KINDS,
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
from review.rules.vocabulary import Act, State

DONE: dict[Act, str] = {
    Act.OPEN_DRAFT: "Draft opened",
    Act.SUBMIT: "Filing received",
    Act.BEGIN_SCREENING: "Screening began",
    Act.REFUSE_TO_ACCEPT: "Refused to accept",
    Act.ACCEPT: "Filing accepted",
    Act.ACCEPT_BY_LAPSE: "Accepted: the screening deadline passed",
    Act.RESUBMIT_AFTER_REFUSAL: "Filed again",
    Act.FILE_OVER_PROTEST: "Filed over protest",
    Act.CLOSE_INACTIVE: "Closed: the refusal was not answered",
    Act.ISSUE_INFORMATION_REQUEST: "Information request issued, clock held",
    Act.RESPOND_TO_INFORMATION_REQUEST: "Information request answered completely, clock resumed",
    Act.DEEM_WITHDRAWN: "Deemed withdrawn: the question was not answered",
    Act.RECOMMEND: "Outcome recommended",
    Act.RETURN_RECOMMENDATION: "Recommendation returned to review",
    Act.FORWARD_CLEAN: "Forwarded for approval",
    Act.ISSUE_NOTICE: "Notice of intended decision issued",
    Act.OPEN_RESPONSE_WINDOW: "Response window opened",
    Act.ANSWER_NOTICE: "Lab answered the notice",
    Act.CLOSE_RESPONSE_WINDOW: "Response window closed without an answer",
    Act.ISSUE_NEW_NOTICE: "New notice of intended decision issued",
    Act.APPROVE: "Approved",
    Act.RESTRICT: "Restricted",
    Act.DENY: "Denied",
    Act.WITHDRAW: "Filing withdrawn",
    Act.ATTACH_EVIDENCE: "Evidence attached",
    Act.WITHDRAW_EVIDENCE: "Evidence withdrawn",
    Act.CONFIRM_MEASUREMENT: "Measurements confirmed",
    Act.MATCH_SUBJECT: "Model matched",
    Act.ASSIGN_ROLE: "Person assigned",
    Act.ATTEST_CONFLICTS: "Conflicts declared",
    Act.RECUSE: "Person recused",
    Act.ANSWER_CHECKLIST_ITEM: "Checklist answered",
    Act.CONCUR_REFUSAL: "Lead concurred with the refusal",
    Act.WRITE_FINDING: "Finding written",
    Act.REVISE_FINDING: "Finding revised",
    Act.WITHDRAW_FINDING: "Finding withdrawn",
    Act.CONCLUDE_REVIEW: "Conclusion stated",
    Act.SIGN_REVIEW: "Review signed",
    Act.DRAFT_INFORMATION_REQUEST: "Information request drafted",
    Act.CONCUR_INFORMATION_REQUEST: "Concurred with the information request",
    Act.ANSWER_ITEM: "Item answered",
    Act.DRAFT_MEMO: "Memo written",
    Act.DRAFT_NOTICE: "Notice drafted",
    Act.DRAFT_DECISION: "Decision drafted",
    Act.CONCUR_LEGAL_SUFFICIENCY: "Counsel concurred",
    Act.DECLINE_CONCURRENCE: "Counsel did not concur",
    Act.RECORD_PANEL_ADVICE: "Panel advice recorded",
    Act.RATIFY: "Decision ratified",
    Act.WARN: "Warning sent to the lab",
    Act.ISSUE_DOCUMENT: "Document issued",
    Act.DOWNLOAD_DOCUMENT: "Document downloaded",
}
"""Each act as a timeline tells it, after the fact."""


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


NOTES = "_notes"
"""Drafts keep the submitter's notes and further statements under this name, beside the instruments."""


def drafts(conn: Connection, case_id: str) -> dict[str, Any]:
    """The draft answers of all instruments, as typed: instrument -> section -> field."""
    statement = select(draft.c.instrument, draft.c.section, draft.c.answers).where(
        draft.c.case_id == case_id, draft.c.instrument != NOTES
    )
    found: dict[str, Any] = {}
    for instrument, section, answers in conn.execute(statement):
        found.setdefault(instrument, {})[section] = msgspec.json.decode(answers)
    return found


def notes(conn: Connection, case_id: str) -> dict[str, Any]:
    """The further statements and notes that came with a draft's package."""
    statement = select(draft.c.answers).where(draft.c.case_id == case_id, draft.c.instrument == NOTES)
    body = conn.execute(statement).scalar_one_or_none()
    return dict(msgspec.json.decode(body)) if body else {}


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


_RECORDS_AT = (
    'SELECT p.kind, p.record_id, p.body FROM event_part p JOIN event e ON e."index" = p.event '
    "WHERE e.case_id = {mark} AND p.event <= {mark} AND p.kind IS NOT NULL ORDER BY p.event, p.n"
)
_ENTRIES = (
    'SELECT e."index", e.utc, e.act, e.from_state, e.to_state, p.name, p.body FROM event e '
    "LEFT JOIN event_part p ON p.event = e.\"index\" AND p.name IN ('actor', 'reason', 'refused') "
    'WHERE e.case_id = {mark} AND e."index" <= {mark} ORDER BY e."index" DESC, p.n {limit}'
)


def entries(
    conn: Connection, case_id: str, until: int | None = None, limit: int | None = None
) -> tuple[Entry, ...]:
    """The events of a case, oldest first, in one statement; the newest `limit` of them where one is given."""
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    statement = _ENTRIES.format(mark=mark, limit=f"LIMIT {limit * 3:d}" if limit else "")
    rows = conn.exec_driver_sql(statement, (case_id, until if until is not None else 2**62)).all()
    found: dict[int, dict[str, Any]] = {}
    for index, utc, act, before, after, name, body in rows:
        event = found.setdefault(index, {"utc": utc, "act": act, "moves": before != after})
        if name is not None and body is not None:
            event[name] = msgspec.json.decode(body)
    made = [_entry(index, event) for index, event in sorted(found.items())]
    return tuple(made[-limit:] if limit else made)


def _entry(index: int, event: dict[str, Any]) -> Entry:
    refused = event.get("refused")
    act = Act(refused["act"] if refused else event["act"])
    actor_ = event.get("actor", {})
    why = (
        "; ".join(sentence for _, sentence in refused["because"])
        if refused
        else event.get("reason", {}).get("text", "")
    )
    return Entry(
        index=index,
        at=datetime.fromisoformat(event["utc"]),
        act=Act.REFUSED.value if refused else event["act"],
        title=f"Not done: {act.label.lower()}" if refused else DONE.get(act, act.label),
        detail=why,
        who=f"{actor_.get('id', '')}|{actor_.get('name', '')}",
        moves=event["moves"],
        refused=refused is not None,
    )


def records_at(conn: Connection, case_id: str, index: int) -> tuple[Case | None, store.Records]:
    """The case and its records as they stood after the event `index`, from the ledger alone."""
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    statement = _RECORDS_AT.format(mark=mark)
    latest: dict[tuple[str, str], Any] = {}
    for kind, id, body in conn.exec_driver_sql(statement, (case_id, index)):
        latest[kind, id] = msgspec.json.decode(body)["after"]
    case = latest.pop(("case", case_id), None)
    entities = [
        msgspec.convert(after, KINDS[kind]) for (kind, _), after in latest.items() if after is not None
    ]
    return (msgspec.convert(case, Case) if case else None), store.Records(sorted(entities, key=store.age))


def facts_at(conn: Connection, case_id: str, index: int, by: Actor, now: datetime) -> Facts:
    """The facts as they stood after the event `index`. Raises KeyError if the case was not there yet."""
    case, records = records_at(conn, case_id, index)
    if case is None:
        raise KeyError(case_id)
    return facts(conn, case, by, now, records=records)


def broken_files(files: FileStore, f: Facts) -> frozenset[str]:
    """Files of the case whose bytes no longer have their hash. Costly: asked before deciding acts only."""
    assert f.case is not None
    wanted = {file.sha256 for item in f.evidence if item.withdrawn is None for file in item.files}
    return frozenset(sha for sha in wanted if not files.verify(f.case.id, sha))


def house_facts(conn: Connection, base: Facts) -> Facts:
    """Adds the person or the grant that an act on people concerns."""
    given = base.given
    person_id = getattr(given, "person_id", None)
    grant = (
        store.get(conn, RoleGrant, given.target) if hasattr(given, "target") and base.case is None else None
    )
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
