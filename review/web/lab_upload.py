"""Evidence files on their way in: at once without script, in pieces that can resume with it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Response, abort, jsonify, request

from review.acts.evidence_files import from_files
from review.acts.perform import Conflict, perform
from review.records import uploads
from review.records.uploads import OutOfPlace, Unwanted, Upload
from review.rules.given import EvidenceFiles
from review.rules.refusals import Refused
from review.rules.vocabulary import Act
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import EVIDENCE_OPEN, blueprint
from review.web.lab_evidence import evidence_page

CHUNK = 1 << 16
ABANDONED_AFTER = timedelta(days=7)
MOST_FILES = 40
HELM_FILES = frozenset({"run_spec.json", "stats.json"})
"""Both are in every run directory of HELM: files that hold them are one item."""


@page(blueprint, "/cases/<case_id>/filing/evidence/files", post="case:lab")
def upload(here: Here) -> Response:
    """Take files in one sending, or the uploads that script has finished, and say what became of each."""
    finished = here.form.getlist("upload")[:MOST_FILES]
    if finished:
        return _from_uploads(here, finished)
    sent = [one for one in request.files.getlist("file")[:MOST_FILES] if one.filename]
    if not sent:
        return _none_chosen(here)
    folder = _folder(here)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own:
        files: dict[str, Path] = {}
        for n, one in enumerate(sent):
            name = _unused(uploads.safe_name(one.filename or ""), files)
            files[name] = Path(own) / str(n)
            one.save(files[name])
            one.close()
        return _attached(here, files)


def _none_chosen(here: Here) -> Response:
    result = {"name": "No file", "size": 0, "kind": "refused", "text": "Choose a file first.", "href": ""}
    return evidence_page(here, [result], 422)


def _unused(name: str, files: Mapping[str, Path]) -> str:
    """A name that no other file of this sending has."""
    shown, n = name, 1
    while shown in files:
        n += 1
        shown = f"{n}-{name}"
    return shown


def _folder(here: Here) -> Path:
    return here.office.settings.data / "uploads"


def _attached(here: Here, files: Mapping[str, Path]) -> Response:
    """Attach each file, or all as one item where they are a run directory; say what became of each."""
    if here.case is None or here.case.state not in EVIDENCE_OPEN:
        result = {
            "name": ", ".join(files),
            "size": 0,
            "kind": "refused",
            "text": "Evidence can change in a draft, or while a question holds the clock.",
            "href": "",
        }
        return evidence_page(here, [result], 409)
    together = len(files) > 1 and set(files) >= HELM_FILES
    groups = [dict(files)] if together else [{name: path} for name, path in files.items()]
    key = here.form.get("key", "")[:48]
    here.release()
    results = [_attach(here, group, f"{key}-{n}" if key else None) for n, group in enumerate(groups)]
    here.__dict__.pop("facts", None)
    bad = all(result["kind"] == "refused" for result in results)
    return evidence_page(here, results, 422 if bad else 200)


def _attach(here: Here, files: Mapping[str, Path], key: str | None) -> dict[str, Any]:
    assert here.case is not None
    name = next(iter(files)) if len(files) == 1 else f"{len(files)} files of one run"
    size = sum(path.stat().st_size for path in files.values())
    result: dict[str, Any] = {"name": name, "size": size, "kind": "refused", "text": "", "href": ""}
    if size == 0:
        return {**result, "text": "The file is empty."}
    known = {
        file.sha256: item for item in here.facts.evidence for file in item.files if item.withdrawn is None
    }
    here.release()
    given = from_files(here.office, here.case.id, files)
    twin = next((known[file.sha256] for file in given.files if file.sha256 in known), None)
    if twin is not None:
        return {**result, "text": f"The same bytes are attached already, as {twin.number}."}
    hostile = next(
        (each for each in given.problems if each.severity == "error" and each.code != "unknown-format"), None
    )
    if hostile is not None:
        return {**result, "text": f"{hostile.message} Nothing of it was added to the filing."}
    try:
        done = perform(here.office, here.person.id, Act.ATTACH_EVIDENCE, here.case.id, given, key=key)
    except Refused as refused:
        return {**result, "text": " ".join(each.sentence for each in refused.refusals)}
    except Conflict:
        return {**result, "text": "This form was sent before. See the list."}
    href = f"/cases/{here.case.id}/filing/evidence/{done.result}"
    return {
        **result,
        "kind": "attached" if given.format is None else "read",
        "text": _read_words(given),
        "href": href,
    }


def _read_words(given: EvidenceFiles) -> str:
    """What a reader found in a file, in one or two sentences."""
    if given.format is None:
        return "No reader knows this format, so nothing was read from it."
    names = {"inspect": "An Inspect log", "lm-eval": "Results of lm-evaluation-harness", "helm": "A HELM run"}
    words = f"{names.get(given.format, given.format)}: {given.title}."
    if given.status not in {"complete", "unknown"}:
        words += f" The run ended as {given.status}."
    warnings = sum(each.severity == "warning" for each in given.problems)
    if warnings:
        words += f" {warnings} thing{'' if warnings == 1 else 's'} to look at."
    return words


# In pieces --------------------------------------------------------------------------------------


@page(blueprint, "/cases/<case_id>/uploads", post="case:lab")
def begin(here: Here) -> Response:
    """Announce a file by name and size; answers with the address for its pieces."""
    assert here.case is not None
    if here.case.state not in EVIDENCE_OPEN:
        return _told("Evidence can change in a draft, or while a question holds the clock.", 409)
    size = here.form.get("bytes", "")
    here.release()
    try:
        with here.office.database.writing() as conn:
            uploads.sweep(conn, _folder(here), here.now - ABANDONED_AFTER)
            one = uploads.begin(
                conn,
                _folder(here),
                id=here.office.ids(),
                case_id=here.case.id,
                person_id=here.person.id,
                name=here.form.get("name", ""),
                size=int(size) if size.isdecimal() and len(size) < 16 else 0,
                at=here.office.now(),
            )
    except Unwanted as unwanted:
        return _told(str(unwanted), 422)
    return _json(
        {
            "id": one.id,
            "address": f"/cases/{here.case.id}/uploads/{one.id}",
            "offset": 0,
            "piece": uploads.PIECE_BYTES,
        },
        201,
    )


@page(blueprint, "/cases/<case_id>/uploads/<upload_id>", get="case:lab")
def position(here: Here, upload_id: str) -> Response:
    """How far an upload has come."""
    one = _own(here, upload_id)
    return _json({"id": one.id, "offset": one.received, "bytes": one.bytes, "name": one.name}, 200)


@page(blueprint, "/cases/<case_id>/uploads/<upload_id>/<int:offset>", post="case:lab", put="case:lab")
def piece(here: Here, upload_id: str, offset: int) -> Response:
    """Take the next piece, at most 8 MB, as the raw body; 409 says where to go on."""
    one = _own(here, upload_id)
    if (request.content_length or 0) > uploads.PIECE_BYTES:
        return _told("A piece has at most 8 MB.", 413)
    here.release()
    try:
        received = uploads.write(_folder(here), one, offset, iter(lambda: request.stream.read(CHUNK), b""))
        with here.office.database.writing() as conn:
            uploads.note(conn, one, received)
    except OutOfPlace as out:
        return _json({"offset": out.offset}, 409)
    except Unwanted as unwanted:
        return _told(str(unwanted), 422)
    return _json({"offset": received, "bytes": one.bytes}, 200)


def _own(here: Here, upload_id: str) -> Upload:
    assert here.case is not None
    one = uploads.get(here.conn, upload_id, case_id=here.case.id, person_id=here.person.id)
    if one is None:
        abort(404)
    return one


def _from_uploads(here: Here, ids: Iterable[str]) -> Response:
    """Attach uploads that are complete, then remove their partial files."""
    found = [_own(here, each) for each in dict.fromkeys(ids)]
    left = next((one for one in found if not one.complete), None)
    if left is not None:
        text = f"Only {left.received:,} of {left.bytes:,} bytes have arrived. Choose the file again to go on."
        result = {"name": left.name, "size": left.bytes, "kind": "refused", "text": text, "href": ""}
        return evidence_page(here, [result], 409)
    files: dict[str, Path] = {}
    for one in found:
        files[_unused(one.name, files)] = uploads.path_of(_folder(here), one.id)
    answer = _attached(here, files)
    here.release()
    with here.office.database.writing() as conn:
        for one in found:
            uploads.forget(conn, _folder(here), one.id)
    return answer


def _told(sentence: str, status: int) -> Response:
    return _json({"sentence": sentence}, status)


def _json(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
