"""The auditor's pages: whether the record verifies, what was refused, every entry with its proof; and lab receipts."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, select

from review.audit import canonical, ledger, receipt
from review.audit import checkpoint as notes
from review.audit.findings import Verification
from review.printing.filters import counted, number
from review.records.tables import job
from review.rules.vocabulary import Act
from review.web import entries
from review.web.access import page
from review.web.entries import LAST, Asked
from review.web.here import Here

blueprint = Blueprint("auditing", __name__)

AUDITOR = "house:AUDITOR"
VERIFY = "verify"
REFUSED_SHOWN = 10
BUSY = frozenset({"queued", "running"})


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of the whole ledger by the worker: waiting, running, done with its result, or failed."""

    id: str
    state: str
    asked_at: datetime
    progress: int
    step: str
    error: str
    result: Verification | None


@page(blueprint, "/audit", get=AUDITOR, endpoint="desk")
def desk(here: Here) -> str:
    """The auditor's first screen: the last check, then what was refused."""
    checks = newest_checks(here.conn)
    done = next((check for check in checks if check.result is not None), None)
    refused, _ = entries.lines(here.conn, Asked(act=Act.REFUSED.value), limit=REFUSED_SHOWN)
    newest, _ = entries.lines(here.conn, Asked(), limit=8)
    covering = ledger.newest_checkpoint(here.conn)
    return here.render(
        "audit/desk.html",
        title="Desk",
        name=here.person.name.split()[0],
        check=done,
        verdict=verdict(done) if done else None,
        busy=next((check for check in checks if check.state in BUSY), None),
        failed=checks[0] if checks and checks[0].state == "failed" else None,
        refused=refused,
        newest=newest,
        events=newest[0].index + 1 if newest else 0,
        checkpoint=covering,
        origin=here.office.settings.origin,
    )


@page(blueprint, "/audit/verify", post=AUDITOR, endpoint="verify")
def verify(here: Here) -> Response:
    """Ask for a check of the whole ledger; one at a time."""
    waiting = any(check.state in BUSY for check in newest_checks(here.conn))
    here.release()
    if not waiting:
        with here.office.database.writing() as conn:
            conn.execute(
                job.insert().values(
                    id=here.office.ids(),
                    kind=VERIFY,
                    person_id=here.person.id,
                    payload="{}",
                    state="queued",
                    tries=0,
                    progress=0,
                    step="",
                    created_at=canonical.moment(here.now),
                )
            )
    here.confirm(
        "The check waits for its turn. Look again in a moment." if not waiting else "A check runs already."
    )
    return here.redirect("auditing.desk")


@page(blueprint, "/audit/checks/<id>", get=AUDITOR, endpoint="check")
def check(here: Here, id: str) -> str:
    """One check: what was found, what was checked, what was not."""
    found = next((one for one in newest_checks(here.conn, id) if one.result is not None), None)
    if found is None:
        abort(404)
    return here.render("audit/check.html", title="Ledger check", check=found, verdict=verdict(found))


@page(blueprint, "/audit/checks/<id>/report.json", get=AUDITOR, endpoint="report")
def report(here: Here, id: str) -> Response:
    """The whole result of a check as data."""
    found = next((one for one in newest_checks(here.conn, id) if one.result is not None), None)
    if found is None or found.result is None:
        abort(404)
    text = msgspec.json.format(msgspec.json.encode(found.result.document()), indent=2)
    return _download(text + b"\n", f"ledger-check-{found.asked_at:%Y-%m-%d-%H%M%S}.json")


@page(blueprint, "/ledger", get=AUDITOR, endpoint="ledger")
def ledger_list(here: Here) -> str:
    """Every entry, newest first, by act, case or person."""
    asked = _asked()
    lines, more = entries.lines(here.conn, asked)
    return here.render(
        "audit/ledger.html",
        title="Ledger",
        lines=lines,
        asked=asked,
        filtered=bool(asked.act or asked.case or asked.person),
        first=asked.before == LAST,
        acts=[(act.value, act.label) for act in sorted(Act, key=lambda act: act.label)],
        older=_query(asked, more) if more is not None else None,
        newer=_query(asked, None) if asked.before != LAST else None,
    )


@page(blueprint, "/ledger/<int:index>", get=AUDITOR, endpoint="entry")
def entry(here: Here, index: int) -> str:
    """One entry: who, when, why, what changed, and its proof."""
    if index > LAST:
        abort(404)
    try:
        found = entries.read(here.conn, index)
        proof = entries.proof(here.conn, index, here.office.settings.origin)
    except ledger.LedgerFault:
        abort(404)
    around, _ = entries.lines(here.conn, Asked(case=found.case_id or "", before=index + 6), limit=12)
    return here.render(
        "audit/entry.html",
        title=f"Entry {number(index)}",
        entry=found,
        proof=proof,
        around=around,
    )


@page(blueprint, "/ledger/<int:index>/proof.json", get=AUDITOR, endpoint="proof")
def proof(here: Here, index: int) -> Response:
    """The proof of an entry as a receipt, with every part that is not erased; a draft's text stays closed."""
    if index > LAST:
        abort(404)
    try:
        draft = entries.case_of(here.conn, index)[2] == "DRAFT"
        made = receipt.make(
            here.conn, index, discloses=lambda part: not draft or part.name != "change", key=_key(here)
        )
    except ledger.LedgerFault:
        abort(404)
    return _download(receipt.write(made), f"entry-{index}-proof.json")


@page(blueprint, "/cases/<case_id>/receipt.json", get="case:lab", endpoint="receipt")
def lab_receipt(here: Here) -> Response:
    """The lab's receipt of its filing, or of another act of its own by `entry`."""
    assert here.case is not None
    wanted = request.args.get("entry", "")
    index = int(wanted) if wanted.isdecimal() and len(wanted) < 16 else None
    try:
        made = entries.lab_receipt(here.conn, here.case, index, _key(here))
    except ledger.LedgerFault:
        made = None
    if made is None:
        abort(404)
    return _download(receipt.write(made), f"receipt-{here.case.number or 'filing'}-{made.header.index}.json")


def newest_checks(conn: Connection, id: str = "") -> list[Check]:
    """Checks of the ledger, newest first; or the one with an id."""
    query = select(job).where(job.c.kind == VERIFY)
    query = query.where(job.c.id == id) if id else query.order_by(job.c.created_at.desc()).limit(5)
    return [_check(dict(row)) for row in conn.execute(query).mappings()]


def _check(row: dict[str, Any]) -> Check:
    return Check(
        id=row["id"],
        state=row["state"],
        asked_at=datetime.fromisoformat(row["created_at"]),
        progress=row["progress"],
        step=row["step"],
        error=row["error"] or "",
        result=_result(row["result"]) if row["result"] else None,
    )


def _result(text: str) -> Verification | None:
    """A result as the worker wrote it; findings come as objects with their names."""
    try:
        return msgspec.json.decode(text, type=Verification)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def verdict(check: Check) -> dict[str, str]:
    """The result of a check in one line and one sentence."""
    assert check.result is not None
    found = len(check.result.findings)
    if not found:
        return {
            "kind": "good",
            "title": "The record verifies: no finding",
            "text": f"All {number(check.result.events)} entries were checked. {len(check.result.checked)} kinds of "
            "check ran; each is named below.",
        }
    return {
        "kind": "bad",
        "title": f"{counted(found, 'finding').capitalize()} in the record",
        "text": "Do not rely on what is named below until it is explained.",
    }


def _asked() -> Asked:
    before = request.args.get("before", "")
    return Asked(
        act=request.args.get("act", "")[:60],
        case=request.args.get("case", "").strip()[:60],
        person=request.args.get("person", "").strip()[:100],
        before=int(before) if before.isdecimal() and len(before) < 16 else LAST,
    )


def _query(asked: Asked, before: int | None) -> str:
    kept = {"act": asked.act, "case": asked.case, "person": asked.person}
    given = {name: value for name, value in kept.items() if value}
    if before is not None:
        given["before"] = str(before)
    return f"/ledger?{urlencode(given)}" if given else "/ledger"


def _key(here: Here) -> str:
    return notes.vkey(here.office.settings.origin, here.office.key.public_key())


def _download(body: bytes, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/json", headers=disposition)
