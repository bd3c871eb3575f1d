"""The first schema: ledger, cases, records, and what follows from them."""

import sqlalchemy as sa
from alembic import op

from review.records import bolts

revision = "a001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "case_index",
        sa.Column("case_id", NAME, nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column(
            "timer_on",
            sa.Text(),
            nullable=True,
            comment="the first day on which the system may have something to do",
        ),
        sa.Column(
            "clock",
            sa.Text(),
            nullable=False,
            comment="JSON: clock events and goal days of the running cycle",
        ),
        sa.Column(
            "noticed",
            sa.Boolean(),
            nullable=False,
            comment="whether a notice was issued: a lab learns no more",
        ),
        sa.Column("sort_on", sa.Text(), nullable=False, comment="day of receipt or opening"),
        sa.Column("words", sa.Text(), nullable=False, comment="lower case, for the search"),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_index_sort", "case_index", ["sort_on", "case_id"], unique=False)
    op.create_index("case_index_timer", "case_index", ["timer_on"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False, comment="events covered"),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="the signed note"),
        sa.Column("utc", sa.Text(), nullable=False),
        sa.CheckConstraint("length(root) = 32", name="checkpoint_root_is_sha256"),
        sa.PrimaryKeyConstraint("size"),
        sqlite_strict=True,
    )
    op.create_table(
        "credential",
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False, comment="case-folded"),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.Text(), nullable=True),
        sa.Column("set_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("user_id"),
    )
    op.create_table(
        "draft",
        sa.Column("case_id", NAME, nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False, comment="raw, as typed"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("case_id", "instrument", "section"),
    )
    op.create_table(
        "idempotency",
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key"),
    )
    op.create_table(
        "invitation",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_table(
        "job",
        sa.Column("id", NAME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", NAME, nullable=True),
        sa.Column("person_id", NAME, nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="queued, running, done, failed"),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_queue", "job", ["state", "created_at"], unique=False)
    op.create_table(
        "number",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", NAME, nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("case_id", NAME, nullable=True),
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.Column("read_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_by_person", "outbox", ["person_id", "created_at"], unique=False)
    op.create_index("outbox_unsent", "outbox", ["sent_at"], unique=False)
    op.create_table(
        "prepared",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("case_id", NAME, nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("given", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", NAME, nullable=True),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column(
            "signed_at",
            sa.Text(),
            nullable=True,
            comment="the first signing of this session, which asked for both components",
        ),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_index("session_by_person", "session", ["person_id"], unique=False)
    op.create_table(
        "todo",
        sa.Column("case_id", NAME, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "person_id", NAME, nullable=True, comment="whose turn; empty when a role or a lab is meant"
        ),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("organization_id", NAME, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("button", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("since_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "key"),
    )
    op.create_index("todo_by_lab", "todo", ["organization_id", "due_on"], unique=False)
    op.create_index("todo_by_person", "todo", ["person_id", "due_on"], unique=False)
    op.create_index("todo_by_role", "todo", ["role", "due_on"], unique=False)
    op.create_table(
        "tree_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False, comment="0 holds the leaves"),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="tree_node_hash_is_sha256"),
        sa.PrimaryKeyConstraint("level", "index"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "upload",
        sa.Column("id", NAME, nullable=False),
        sa.Column("case_id", NAME, nullable=False),
        sa.Column("person_id", NAME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "event",
        sa.Column(
            "index", sa.Integer(), autoincrement=False, nullable=False, comment="from 0, without a gap"
        ),
        sa.Column("utc", sa.Text(), nullable=False, comment="2026-11-24T19:57:32.000Z"),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("case_id", NAME, nullable=True),
        sa.Column(
            "case_tag",
            sa.Text(),
            nullable=False,
            comment="stands for the case in the leaf; empty without a case",
        ),
        sa.Column("from_state", sa.Text(), nullable=True, comment="NULL for the event that opens a case"),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("leaf_level", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("leaf_level = 0", name="event_leaf_level_is_0"),
        sa.ForeignKeyConstraint(
            ["leaf_level", "index"],
            ["tree_node.level", "tree_node.index"],
            name="event_is_sealed",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("case_id", "index", "to_state", name="event_of_case"),
        sqlite_strict=True,
    )
    op.create_table(
        "cases",
        sa.Column("id", NAME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("moved_by", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("organization_id", NAME, nullable=False),
        sa.Column("organization_name", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Text(), nullable=True),
        sa.Column("open_weights", sa.Boolean(), nullable=False),
        sa.Column("comparators", sa.Text(), nullable=False, comment="JSON list"),
        sa.ForeignKeyConstraint(
            ["id", "moved_by", "state"],
            ["event.case_id", "event.index", "event.to_state"],
            name="case_moved_by_its_event",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["moved_by"],
            ["event.index"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("cases_by_lab", "cases", ["organization_id", "id"], unique=False)
    op.create_index("cases_by_state", "cases", ["state", "id"], unique=False)
    op.create_index("cases_decided", "cases", ["decided_on", "id"], unique=False)
    op.create_table(
        "event_part",
        sa.Column("event", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "n",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="the order within the event, from 0",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="actor, reason, relied_on, given, change …"),
        sa.Column("kind", NAME, nullable=True, comment="for a change: the kind of record"),
        sa.Column("record_id", NAME, nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True, comment="canonical JSON; NULL once erased by order"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256(salt || body)"),
        sa.CheckConstraint("length(digest) = 32", name="event_part_digest_is_sha256"),
        sa.CheckConstraint("length(salt) = 16", name="event_part_salt_is_16_bytes"),
        sa.ForeignKeyConstraint(
            ["event"],
            ["event.index"],
        ),
        sa.PrimaryKeyConstraint("event", "n"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("event_part_by_record", "event_part", ["kind", "record_id", "event", "n"], unique=False)
    op.create_table(
        "record",
        sa.Column("kind", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("case_id", NAME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("person_id", NAME, nullable=True, comment="from the document: whom it concerns"),
        sa.Column(
            "held", sa.Boolean(), nullable=True, comment="from the document: an assignment or grant in force"
        ),
        sa.ForeignKeyConstraint(
            ["event"],
            ["event.index"],
        ),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
    op.create_index("record_of_case", "record", ["case_id", "kind"], unique=False)
    op.create_index("record_of_person", "record", ["person_id", "kind", "case_id", "held"], unique=False)
    bolts.install(op.get_bind())
