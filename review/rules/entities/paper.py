"""Signatures and documents."""

from datetime import datetime
from typing import ClassVar

from review.rules.entities.shape import Entity
from review.rules.vocabulary import DocumentKind, Meaning, Role


class Signature(Entity, frozen=True, kw_only=True):
    """A signature on the exact bytes that the signer saw (21 CFR 11.50, 11.70).

    `record_sha256` names the signed record in the file store: the record's version, what it relied on, the
    meaning, the signer and a nonce.
    """

    kind: ClassVar[str] = "signature"
    case_id: str | None
    person_id: str
    printed_name: str
    user_id: str
    role: Role
    meaning: Meaning
    record_kind: str
    record_id: str
    content_sha256: str
    record_sha256: str
    at: datetime
    method: str = "PASSWORD"
    superseded: str | None = None


class OwedDocument(Entity, frozen=True, kw_only=True):
    """A document that a row of the procedure owes; issued once it has been made."""

    kind: ClassVar[str] = "document"
    case_id: str
    document: DocumentKind
    audience: str
    title: str
    owed_at: datetime
    sha256: str | None = None
    bytes: int = 0
    edition: str = ""
    at_index: int | None = None
    issued_at: datetime | None = None
