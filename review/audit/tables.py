"""The ledger's four tables.

An event's header is written first and its parts follow; its leaf, the node (0, index) of the tree, seals it.
Nothing here is ever changed or removed: `review.records.bolts` holds the triggers that refuse it.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

Name = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point on every database, so that two sorted streams can be merged in Python."""

tree_node = Table(
    "tree_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False, comment="0 holds the leaves"),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("length(hash) = 32", name="tree_node_hash_is_sha256"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("index", Integer, primary_key=True, autoincrement=False, comment="from 0, without a gap"),
    Column("utc", Text, nullable=False, comment="2026-11-24T19:57:32.000Z"),
    Column("act", Text, nullable=False),
    Column("case_id", Name, nullable=True),
    Column("case_tag", Text, nullable=False, comment="stands for the case in the leaf; empty without a case"),
    Column("from_state", Text, nullable=True, comment="NULL for the event that opens a case"),
    Column("to_state", Text, nullable=True),
    # The constant column lets the database itself refuse to commit an event without its leaf.
    Column("leaf_level", Integer, nullable=False, server_default="0"),
    CheckConstraint("leaf_level = 0", name="event_leaf_level_is_0"),
    UniqueConstraint("case_id", "index", "to_state", name="event_of_case"),
    ForeignKeyConstraint(
        ["leaf_level", "index"],
        ["tree_node.level", "tree_node.index"],
        name="event_is_sealed",
        deferrable=True,
        initially="DEFERRED",
    ),
    sqlite_strict=True,
)

event_part = Table(
    "event_part",
    metadata,
    Column("event", Integer, ForeignKey("event.index"), primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False, comment="the order within the event, from 0"),
    Column("name", Text, nullable=False, comment="actor, reason, relied_on, given, change …"),
    Column("kind", Name, nullable=True, comment="for a change: the kind of record"),
    Column("record_id", Name, nullable=True),
    Column("schema_version", Integer, nullable=True),
    Column("salt", LargeBinary, nullable=False),
    Column("body", Text, nullable=True, comment="canonical JSON; NULL once erased by order"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256(salt || body)"),
    CheckConstraint("length(salt) = 16", name="event_part_salt_is_16_bytes"),
    CheckConstraint("length(digest) = 32", name="event_part_digest_is_sha256"),
    Index("event_part_by_record", "kind", "record_id", "event", "n"),
    sqlite_strict=True,
    sqlite_with_rowid=False,  # an event's parts lie together, in order
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False, comment="events covered"),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False, comment="the signed note"),
    Column("utc", Text, nullable=False),
    CheckConstraint("length(root) = 32", name="checkpoint_root_is_sha256"),
    sqlite_strict=True,
)

LEDGER_TABLES = ("event", "event_part", "tree_node", "checkpoint")
