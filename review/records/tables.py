"""The tables. Regulated records are logical documents in `record` and rows of `cases`; the rest may be rebuilt or lost.

A regulated record is kept as one canonical document, the very bytes that the ledger holds as the latest "after".
`cases` keeps the case's record in columns, so that lists can be asked for. Columns of `record` besides the
document are an index made from it.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from review.audit.tables import LEDGER_TABLES, Name, metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Name, primary_key=True),
    Column("state", Text, nullable=False),
    Column("moved_by", Integer, ForeignKey("event.index"), nullable=False),
    Column("tag", Text, nullable=False),
    Column("number", Text, unique=True),
    Column("organization_id", Name, nullable=False),
    Column("organization_name", Text, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("configuration", Text, nullable=False),
    Column("track", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("received_on", Text),
    Column("outcome", Text),
    Column("decided_on", Text),
    Column("open_weights", Boolean, nullable=False),
    Column("comparators", Text, nullable=False, comment="JSON list"),
    ForeignKeyConstraint(
        ["id", "moved_by", "state"],
        ["event.case_id", "event.index", "event.to_state"],
        name="case_moved_by_its_event",
        deferrable=True,
        initially="DEFERRED",
    ),
    Index("cases_by_lab", "organization_id", "id"),
    Index("cases_by_state", "state", "id"),
    Index("cases_decided", "decided_on", "id"),
)

record = Table(
    "record",
    metadata,
    Column("kind", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("case_id", Name),
    Column("version", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", Text, nullable=False, comment="canonical JSON"),
    Column("event", Integer, ForeignKey("event.index"), nullable=False),
    Column("person_id", Name, comment="from the document: whom it concerns"),
    Column("held", Boolean, comment="from the document: an assignment or grant in force"),
    Index("record_of_case", "case_id", "kind"),
    Index("record_of_person", "person_id", "kind", "case_id", "held"),
)

case_index = Table(
    "case_index",
    metadata,
    Column("case_id", Name, primary_key=True),
    Column("turn", Text, nullable=False),
    Column("waiting_for", Text, nullable=False),
    Column("due_on", Text),
    Column("timer_on", Text, comment="the first day on which the system may have something to do"),
    Column("clock", Text, nullable=False, comment="JSON: clock events and goal days of the running cycle"),
    Column("noticed", Boolean, nullable=False, comment="whether a notice was issued: a lab learns no more"),
    Column("sort_on", Text, nullable=False, comment="day of receipt or opening"),
    Column("words", Text, nullable=False, comment="lower case, for the search"),
    Index("case_index_timer", "timer_on"),
    Index("case_index_sort", "sort_on", "case_id"),
)

todo = Table(
    "todo",
    metadata,
    Column("case_id", Name, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("person_id", Name, comment="whose turn; empty when a role or a lab is meant"),
    Column("role", Text),
    Column("organization_id", Name),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("button", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("due_on", Text),
    Column("since_on", Text),
    Index("todo_by_person", "person_id", "due_on"),
    Index("todo_by_role", "role", "due_on"),
    Index("todo_by_lab", "organization_id", "due_on"),
)

credential = Table(
    "credential",
    metadata,
    Column("person_id", Name, primary_key=True),
    Column("user_id", Text, nullable=False, unique=True, comment="case-folded"),
    Column("password_hash", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", Text),
    Column("set_at", Text, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("person_id", Name, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("person_id", Name),
    Column("csrf", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("signed_at", Text, comment="the first signing of this session, which asked for both components"),
    Index("session_by_person", "person_id"),
)

draft = Table(
    "draft",
    metadata,
    Column("case_id", Name, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("section", Text, primary_key=True),
    Column("answers", Text, nullable=False, comment="raw, as typed"),
    Column("version", Integer, nullable=False),
    Column("saved_at", Text, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
)

upload = Table(
    "upload",
    metadata,
    Column("id", Name, primary_key=True),
    Column("case_id", Name, nullable=False),
    Column("person_id", Name, nullable=False),
    Column("name", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("sha256", Text),
    Column("created_at", Text, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("person_id", Name, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("event", Integer, nullable=False),
    Column("case_id", Text),
    Column("result", Text, nullable=False),
)

prepared = Table(
    "prepared",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("person_id", Name, nullable=False),
    Column("case_id", Name),
    Column("act", Text, nullable=False),
    Column("record_kind", Text, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("given", LargeBinary, nullable=False),
    Column("opened_at", Text, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", Name, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("case_id", Name),
    Column("person_id", Name),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False, comment="queued, running, done, failed"),
    Column("owner", Text),
    Column("lease_until", Text),
    Column("tries", Integer, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("error", Text),
    Column("created_at", Text, nullable=False),
    Column("result", Text),
    Index("job_queue", "state", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Name, primary_key=True),
    Column("event", Integer, nullable=False),
    Column("case_id", Name),
    Column("person_id", Name, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("sent_at", Text),
    Column("read_at", Text),
    Index("outbox_unsent", "sent_at"),
    Index("outbox_by_person", "person_id", "created_at"),
)

number = Table(
    "number",
    metadata,
    Column("series", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

REGULATED_TABLES = (*LEDGER_TABLES, "cases", "record")
"""Tables that verification covers; every other one is an index, a draft, a session or a queue."""
