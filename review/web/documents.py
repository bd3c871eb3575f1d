"""The documents of a case: ask for a dossier, watch it being made by the worker, download it.

Making a dossier changes nothing of the case; fetching one leaves a trace in the record, so it is a post.
"""

from typing import Any

import msgspec
from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from review.acts.perform import Conflict
from review.dossier.material import newest_index
from review.records import jobs
from review.records.jobs import Job
from review.rules.entities import OwedDocument
from review.rules.given import Downloaded
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Audience, DocumentKind, Role
from review.web import errors
from review.web.access import page
from review.web.here import Here

blueprint = Blueprint("documents", __name__)

DOSSIER = "dossier"
SEES = "case:see"
AGAIN_SECONDS = 2
WORDS: dict[Audience, tuple[str, str]] = {
    Audience.INTERNAL_FULL: (
        "Internal, full",
        "Everything in the record of this case. Contains trade secrets; not for release.",
    ),
    Audience.LAB: (
        "Lab",
        "What the lab may know: its filing, what it was asked and told, and once decided the reviews.",
    ),
}


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """An edition that a person may have, and how it stands: made for the newest entry, being made, or neither."""

    key: str
    label: str
    holds: str
    current: OwedDocument | None
    job: Job | None


def editions_of(here: Here) -> tuple[Audience, ...]:
    """Which editions a person may have: the lab its own, auditors the full one, the team both."""
    if here.person.is_lab:
        return (Audience.LAB,)
    if here.facts.my_roles:
        return (Audience.INTERNAL_FULL, Audience.LAB)
    return (Audience.INTERNAL_FULL,) if Role.AUDITOR in here.person.roles else ()


@page(blueprint, "/cases/<case_id>/dossier", get=SEES, endpoint="dossier")
def dossier(here: Here) -> str:
    """The editions that this person may have, and the dossiers that were made."""
    return _list(here)


@page(blueprint, "/cases/<case_id>/documents", post=SEES, endpoint="request_dossier")
def request_dossier(here: Here) -> Response:
    """Ask the worker for a dossier of one edition, as of the case's newest entry."""
    assert here.case is not None
    wanted = here.form.get("edition", "")
    if wanted not in [edition.value for edition in editions_of(here)]:
        abort(404)
    case_id, index = here.case.id, newest_index(here.conn, here.case.id)
    made = _made(here, wanted, index)
    here.release()
    if made is not None:
        here.confirm("This dossier is made already. Nothing has happened on the case since.")
        return here.redirect("documents.dossier", case_id=case_id)
    payload = {"edition": wanted, "at_index": index}
    with here.office.database.writing() as conn:
        job_id = jobs.owe(conn, DOSSIER, payload, case_id, here.person.id, now=here.now)
    return here.redirect("documents.progress", case_id=case_id, job_id=job_id)


@page(blueprint, "/cases/<case_id>/documents/<job_id>", get=SEES, endpoint="progress")
def progress(here: Here, job_id: str) -> Response:
    """How far a dossier is. The page asks again by itself, with or without script."""
    job = _job(here, here.conn, job_id)
    document = _document(here, str((job.result or {}).get("document_id", ""))) if job.result else None
    answer = here.answer(
        "documents/progress.html",
        title="Making the dossier" if not job.ended else "Dossier",
        case=here.case,
        crumbs=_crumbs(here),
        job=job,
        edition=WORDS[Audience(job.payload["edition"])][0],
        document=document,
        size=(job.result or {}).get("pages"),
    )
    if not job.ended:
        answer.headers["Refresh"] = str(AGAIN_SECONDS)
    return answer


@page(blueprint, "/cases/<case_id>/documents/<document_id>/file", post=SEES, endpoint="download")
def download(here: Here, document_id: str) -> Response:
    """Give the file, and record who fetched it."""
    assert here.case is not None
    document = _document(here, document_id)
    if document is None or document.sha256 is None:
        abort(404)
    case_id, name = here.case.id, _file_name(here, document)
    given = Downloaded(document_id=document.id, purpose=here.form.get("purpose", "")[:500])
    try:
        here.perform(Act.DOWNLOAD_DOCUMENT, given)
    except Refused as refused:
        return errors.refused(here, Act.DOWNLOAD_DOCUMENT, refused.refusals)
    except Conflict:
        return errors.conflict(here)
    answer = Response(here.office.files.stream(case_id, document.sha256), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Length"] = str(document.bytes)
    return answer


def _list(here: Here) -> str:
    assert here.case is not None
    index = newest_index(here.conn, here.case.id)
    running = jobs.of_case(here.conn, here.case.id)
    editions = editions_of(here)
    return here.render(
        "documents/dossier.html",
        title="Dossier",
        case=here.case,
        crumbs=_crumbs(here),
        index=index,
        editions=[
            Edition(
                key=edition.value,
                label=WORDS[edition][0],
                holds=WORDS[edition][1],
                current=_made(here, edition.value, index),
                job=next((job for job in running if _is_of(job, edition.value)), None),
            )
            for edition in editions
        ],
        earlier=[
            document
            for document in reversed(_dossiers(here))
            if document.edition in [edition.value for edition in editions] and document.at_index != index
        ],
        labels={edition.value: words[0] for edition, words in WORDS.items()},
        asked=request.args.get("edition", ""),
    )


def _crumbs(here: Here) -> list[dict[str, Any]]:
    assert here.case is not None
    first = ("Filings", "/filings") if here.person.is_lab else ("Cases", "/cases")
    return [
        {"label": first[0], "href": first[1]},
        {"label": here.case.number or here.case.configuration or "Draft", "href": f"/cases/{here.case.id}"},
        {"label": "Dossier"},
    ]


def _dossiers(here: Here) -> list[OwedDocument]:
    """The dossiers of the case that exist, oldest first."""
    return [
        document
        for document in here.facts.documents
        if document.document is DocumentKind.DOSSIER and document.sha256
    ]


def _made(here: Here, edition: str, index: int) -> OwedDocument | None:
    return next((d for d in _dossiers(here) if d.edition == edition and d.at_index == index), None)


def _document(here: Here, document_id: str) -> OwedDocument | None:
    """A dossier of this case whose edition this person may have."""
    may = [edition.value for edition in editions_of(here)]
    return next((d for d in _dossiers(here) if d.id == document_id and d.edition in may), None)


def _is_of(job: Job, edition: str) -> bool:
    return job.kind == DOSSIER and job.payload.get("edition") == edition


def _job(here: Here, conn: Connection, job_id: str) -> Job:
    """A dossier job of this case, of an edition that this person may have; else nothing is here."""
    assert here.case is not None
    job = jobs.get(conn, job_id)
    may = editions_of(here)
    if job is None or job.case_id != here.case.id or not any(_is_of(job, edition.value) for edition in may):
        abort(404)
    return job


def _file_name(here: Here, document: OwedDocument) -> str:
    assert here.case is not None
    edition = document.edition.lower().replace("_", "-")
    return f"dossier-{here.case.number or 'draft'}-{edition}-{document.at_index}.pdf"
