"""Files a package folder through the same acts as the pages."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from review import evidence
from review import package as packages
from review.acts.evidence_files import from_files, proposals
from review.acts.office import Office
from review.acts.perform import perform
from review.acts.signing import Signing, prepare
from review.audit import canonical
from review.casefile import gather
from review.records import store
from review.records.tables import draft
from review.rules import instruments
from review.rules.entities import EvidenceItem, EvidenceMeasurement, FurtherStatement
from review.rules.evidence import RESULTS
from review.rules.given import Confirmation, Filing, Match, OpenDraft
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, Domain


def open_prepared(office: Office, by: str, package: packages.Package) -> str:
    """A draft with all answers and evidence of a package, ready to be read and signed; returns the case id."""
    model = package.answers.get("cover_sheet", {}).get("model", {})
    name = str(model.get("model_name") or "Untitled model")
    configuration = str(model.get("configuration_name") or "")
    case_id = perform(
        office, by, Act.OPEN_DRAFT, None, OpenDraft(model_name=name, configuration=configuration)
    ).result
    numbers = {item.id: _attach(office, by, case_id, package, item) for item in package.evidence}
    answers = packages.renumber(package.answers, numbers)
    save_answers(office, case_id, by, answers, package.further_statements, package.submitter_notes)
    return case_id


def file_package(
    office: Office, by: str, package: packages.Package, user_id: str, password: str
) -> tuple[str, str]:
    """Open, fill, attach, read, sign and submit; returns case id and docket number. Raises Refused."""
    missing = packages.check(package)
    if missing:
        raise Refused(tuple(Refusal(code="complete", sentence=m.sentence, place=m.place) for m in missing))
    case_id = open_prepared(office, by, package)
    given = filing_of(office, case_id)
    ready = prepare(office, by, Act.SUBMIT, case_id, given)
    signing = Signing(nonce=ready.nonce, user_id=user_id, password=password)
    done = perform(office, by, Act.SUBMIT, case_id, given, signing_with=signing)
    with office.database.reading() as conn:
        case = store.case(conn, done.case_id or case_id)
    return case_id, (case.number if case else "") or ""


def save_answers(
    office: Office,
    case_id: str,
    by: str,
    answers: Mapping[str, Any],
    further: tuple[Any, ...] = (),
    notes: tuple[str, ...] = (),
) -> None:
    """Write whole sections of a draft. Drafts are not acts: no event, and they may be written over."""
    rows = [
        (instrument, section, given)
        for instrument, sections in answers.items()
        for section, given in sections.items()
    ]
    if further or notes:
        rows.append((gather.NOTES, "all", {"further": msgspec.to_builtins(further), "notes": list(notes)}))
    now = canonical.moment(office.now())
    with office.database.writing() as conn:
        for instrument, section, given in rows:
            where = (
                (draft.c.case_id == case_id)
                & (draft.c.instrument == instrument)
                & (draft.c.section == section)
            )
            conn.execute(draft.delete().where(where))
            conn.execute(
                draft.insert().values(
                    case_id=case_id,
                    instrument=instrument,
                    section=section,
                    answers=msgspec.json.encode(given).decode(),
                    version=1,
                    saved_at=now,
                    saved_by=by,
                )
            )


def filing_of(office: Office, case_id: str, answered: Mapping[str, str] | None = None) -> Filing:
    """What a submission would freeze now: the answers that would be filed, without hidden or set-aside ones."""
    with office.database.reading() as conn:
        typed = gather.drafts(conn, case_id)
        kept = gather.notes(conn, case_id)
    current = instruments.all_current()
    answers = {one.name: one.filed(typed.get(one.name, {}), typed) for one in current}
    return Filing(
        answers=answers,
        instruments={one.name: one.version for one in current},
        further_statements=tuple(msgspec.convert(s, FurtherStatement) for s in kept.get("further", ())),
        submitter_notes=tuple(kept.get("notes", ())),
        answered_deficiencies=dict(answered or {}),
    )


def _attach(
    office: Office, by: str, case_id: str, package: packages.Package, item: packages.PackageEvidence
) -> str:
    """Attach one item and confirm what the package names; returns its number in the case."""
    files = {name: package.folder / name for name in item.files}
    title = str(item.attributes.get("title") or item.id)
    given = from_files(office, case_id, files, title, item.attributes)
    evidence_id = perform(office, by, Act.ATTACH_EVIDENCE, case_id, given).result
    chosen = _primary(proposals(evidence.read_many(files)), item)
    if given.format is not None and given.status in RESULTS and chosen:
        confirmation = Confirmation(
            evidence_id=evidence_id,
            measurements=chosen,
            domain=given.domain,
            attributes=dict(item.attributes),
        )
        perform(office, by, Act.CONFIRM_MEASUREMENT, case_id, confirmation)
    if given.subject:
        note = "Stated by the submitter's package."
        perform(
            office, by, Act.MATCH_SUBJECT, case_id, Match(evidence_id=evidence_id, is_subject=True, note=note)
        )
    with office.database.reading() as conn:
        kept = store.get(conn, EvidenceItem, evidence_id)
    return kept.number if kept else item.id


def _primary(
    found: tuple[EvidenceMeasurement, ...], item: packages.PackageEvidence
) -> tuple[EvidenceMeasurement, ...]:
    """The numbers that the package names as its primary metric; all of them where it names none."""
    wanted, _, name = item.primary_metric.partition(",")
    chosen = [m for m in found if not wanted or (m.metric == wanted and (not name or m.filter == name))]
    claim = item.attributes.get("claim") or item.attributes.get("domain")
    domain = Domain(claim) if isinstance(claim, str) and claim in Domain.__members__ else None
    kind = item.attributes.get("metric_type")
    line = str(item.attributes.get("threshold") or "")
    numbers = re.findall(r"\d*\.\d+|\d+", line)
    return tuple(
        msgspec.structs.replace(
            m,
            claim=domain,
            metric_type=kind if isinstance(kind, str) else m.metric_type,
            threshold=numbers[0] if len(numbers) == 1 else None,
            threshold_note=line,
            supports=str(item.attributes.get("title") or ""),
        )
        for m in chosen
    )
