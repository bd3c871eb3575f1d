"""The worker: makes documents, checks the record, does what is due, sends mail. One process, one job at a time.

Several may run on one database: jobs are leased, deadlines are acts that happen once, mail is marked as it is sent.
"""

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from review import dossier
from review.acts.office import Office
from review.acts.perform import perform, run_due
from review.audit import canonical
from review.audit.findings import CannotVerify
from review.records import jobs, store, verification
from review.records.jobs import Job
from review.records.tables import outbox
from review.rules.entities import OwedDocument, Person
from review.rules.facts import SYSTEM
from review.rules.given import Issued
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Audience, DocumentKind
from review.settings import Settings, from_environment

LOG = logging.getLogger("review.worker")
DOSSIER, VERIFY = "dossier", "verify"
REST_SECONDS = 1.0
DUE_SECONDS = 60.0
HEARTBEAT_SECONDS = 20.0
MAIL_AT_ONCE = 100
AUDIENCES = {Audience.LAB: "LAB", Audience.INTERNAL_FULL: "AGENCY"}
TITLES = {Audience.LAB: "Dossier, lab edition", Audience.INTERNAL_FULL: "Dossier, internal full edition"}


class NotDone(RuntimeError):
    """A job that cannot be done however often it is tried; the message is a sentence for people."""


def work(office: Office, once: bool = False) -> None:
    """Work until told to stop (SIGTERM or SIGINT), or until nothing is left to do now."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda _number, _frame: stop.set())
    owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    looked = -DUE_SECONDS
    while not stop.is_set():
        if time.monotonic() - looked >= DUE_SECONDS:
            _try("deadlines", lambda: run_due(office))
            looked = time.monotonic()
        sent = _try("mail", lambda: send_mail(office))
        worked = _try("job", lambda: one_job(office, owner))
        if once and not worked and not sent:
            return
        if not worked:
            stop.wait(REST_SECONDS)


def start_child(settings: Settings) -> subprocess.Popen[bytes]:
    """A worker beside a server, with the same settings. Stop it with `terminate()`."""
    told = {f"REVIEW_{name.upper()}": str(getattr(settings, name)) for name in Settings.__struct_fields__}
    command = [sys.executable, "-c", "from review.worker import main; main()"]
    return subprocess.Popen(command, env={**os.environ, **told})  # noqa: S603 - our own command


def main() -> None:
    """Work by the settings of the environment."""
    work(Office(from_environment()))


def _try(what: str, do: Callable[[], int]) -> int:
    """Go on after a fault: one bad message or deadline must not stop the others."""
    try:
        return do()
    except Exception:
        LOG.exception("%s failed", what)
        return 0


# Jobs -------------------------------------------------------------------------------------------


def one_job(office: Office, owner: str) -> int:
    """Do the next job, if there is one. A fault that may pass leaves it to be tried again."""
    with office.database.writing() as conn:
        mine = jobs.claim(conn, owner, now=office.now())
    if mine is None:
        return 0
    said = Progress(office, mine)
    try:
        with said:
            result = KINDS[mine.kind](office, mine, said) if mine.kind in KINDS else _unknown(mine)
    except (NotDone, dossier.NotPrinted, dossier.NotThere, CannotVerify, Refused) as failure:
        with office.database.writing() as conn:
            jobs.fail(conn, mine, str(failure))
        return 1
    except Exception:
        LOG.exception("job %s failed", mine.id)
        with office.database.writing() as conn:
            jobs.fail(conn, mine, "Something went wrong here. Ask for it again; if it stays so, tell us.")
        return 1
    with office.database.writing() as conn:
        jobs.finish(conn, mine, result)
    return 1


class Progress:
    """Says how far a job is, and keeps its lease by a heartbeat while it says nothing."""

    def __init__(self, office: Office, mine: Job) -> None:
        self.office = office
        self.mine = mine
        self._said = (0, "Begun")
        self._written: datetime | None = None
        self._ended = threading.Event()
        self._beat = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> "Progress":
        self._beat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._beat.join()

    def say(self, number: int, step: str) -> None:
        """Write the progress, at most once a second."""
        self._said = (number, step)
        now = self.office.now()
        if self._written is None or (now - self._written).total_seconds() >= 1:
            self._write()

    def _write(self) -> None:
        now = self.office.now()
        self._written = now
        with self.office.database.writing() as conn:
            jobs.progress(conn, self.mine, *self._said, now=now)

    def _keep(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            _try("heartbeat", self._beat_once)

    def _beat_once(self) -> int:
        self._write()
        return 1


def _make_dossier(office: Office, mine: Job, said: Progress) -> dict[str, Any]:
    """Build, keep the file under the case, record that it was issued."""
    if mine.case_id is None:
        raise NotDone("A dossier belongs to a case.")
    edition = Audience(mine.payload["edition"])
    at = mine.payload.get("at_index")
    built = dossier.build(
        office,
        mine.case_id,
        edition,
        at,
        progress=lambda p: said.say(p.page, f"Making the dossier: {p.words}"),
    )
    sha256 = office.files.put_bytes(mine.case_id, built.pdf)
    with office.database.reading() as conn:
        known = next(
            (
                document
                for document in store.of_case(conn, mine.case_id, (OwedDocument.kind,)).all(OwedDocument)
                if document.document is DocumentKind.DOSSIER and document.sha256 == sha256
            ),
            None,
        )
    document_id = known.id if known else _issue(office, mine.case_id, edition, built)
    return {"document_id": document_id, "sha256": sha256, "pages": built.pages, "at_index": built.index}


def _issue(office: Office, case_id: str, edition: Audience, built: "dossier.Built") -> str:
    given = Issued(
        document=DocumentKind.DOSSIER,
        title=TITLES[edition],
        audience=AUDIENCES[edition],
        edition=edition.value,
        sha256=built.sha256,
        bytes=len(built.pdf),
        at_index=built.index,
    )
    return perform(office, SYSTEM.id, Act.ISSUE_DOCUMENT, case_id, given).result


def _verify(office: Office, mine: Job, said: Progress) -> dict[str, Any]:
    """Check the whole record."""
    said.say(1, "Checking every entry")
    found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
    return found.document()


def _unknown(mine: Job) -> dict[str, Any]:
    raise NotDone(f"Nobody here knows how to do a job of the kind {mine.kind}.")


KINDS: dict[str, Callable[[Office, Job, Progress], dict[str, Any]]] = {
    DOSSIER: _make_dossier,
    VERIFY: _verify,
}


# Mail -------------------------------------------------------------------------------------------


def send_mail(office: Office) -> int:
    """Put waiting messages into the mail folder, each once; return how many. They hold no content of a case."""
    with office.database.reading() as conn:
        statement = (
            select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.created_at, outbox.c.id)
        )
        waiting = [dict(row) for row in conn.execute(statement.limit(MAIL_AT_ONCE)).mappings()]
        people = {row["person_id"]: store.get(conn, Person, row["person_id"]) for row in waiting}
    for row in waiting:
        person = people[row["person_id"]]
        if person is not None and person.active:
            _put_letter(office, row, person)
    if waiting:
        sent = [row["id"] for row in waiting]
        with office.database.writing() as conn:
            conn.execute(
                update(outbox).where(outbox.c.id.in_(sent)).values(sent_at=canonical.moment(office.now()))
            )
    return len(waiting)


def _put_letter(office: Office, row: dict[str, Any], person: Person) -> None:
    """One message as a file. Its name comes from its id, so that sending twice writes the same file."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = f"{office.settings.site_name} <no-reply@{office.settings.origin.split('/')[0]}>"
    letter["To"] = person.user_id
    letter["Subject"] = row["subject"]
    letter["Date"] = format_datetime(datetime.fromisoformat(row["created_at"]))
    letter["Message-ID"] = f"<{row['id']}@{office.settings.origin.split('/')[0]}>"
    letter.set_content(row["text"] + "\n")
    folder = Path(office.settings.mail)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{row['id']}.part"
    partial.write_bytes(letter.as_bytes())
    partial.replace(folder / f"{row['id']}.eml")
