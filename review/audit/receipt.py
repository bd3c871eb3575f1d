"""Receipts: proof, for somebody outside, that an event stands in the ledger, without showing all of it.

A receipt holds the event's header, the digest of every part, the salt and text of the parts that its reader
may see, the inclusion proof, a signed checkpoint and the verifier key. `check` needs nothing else.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from review.audit import checkpoint as notes
from review.audit import ledger, merkle

FORMAT = "model-review-receipt/1"
LONGEST_PROOF = 64


class Header(
    msgspec.Struct, frozen=True, kw_only=True, rename={"case": "case", "before": "from", "after": "to"}
):
    """What the leaf says of an event besides its parts."""

    v: int
    index: int
    utc: str
    act: str
    case: str
    before: str | None
    after: str | None


class ReceiptPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the event: name and digest (hex) always, salt (hex) and body only when disclosed."""

    name: str
    digest: str
    salt: str | None = None
    body: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that shows one event in the ledger; hashes of the proof are base64."""

    format: str
    header: Header
    parts: tuple[ReceiptPart, ...]
    proof: tuple[str, ...]
    checkpoint: str
    key: str


def make(
    conn: Connection, index: int, *, discloses: Callable[[ledger.SealedPart], bool], key: str
) -> Receipt:
    """Make the receipt of an event under the first checkpoint that covers it.

    Args:
        conn: the ledger.
        index: the event.
        discloses: says which parts the reader may see.
        key: the verifier key, as `checkpoint.vkey` writes it.

    Raises:
        LedgerFault: there is no such event, or no checkpoint covers it yet.
    """
    event = ledger.read_event(conn, index)
    covering = ledger.first_checkpoint_covering(conn, index)
    if covering is None:
        raise ledger.LedgerFault(f"No checkpoint covers event {index} yet.")
    return Receipt(
        format=FORMAT,
        header=Header(
            v=ledger.LEAF_VERSION,
            index=index,
            utc=event.utc,
            act=event.act,
            case=event.case_tag,
            before=event.from_state,
            after=event.to_state,
        ),
        parts=tuple(_part(part, discloses(part)) for part in event.parts),
        proof=tuple(
            base64.b64encode(step).decode() for step in ledger.inclusion_proof(conn, index, covering.size)
        ),
        checkpoint=covering.note,
        key=key,
    )


def write(receipt: Receipt) -> bytes:
    """Write a receipt as JSON for people to keep, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n"


def read(text: bytes | str) -> Receipt:
    """Read a receipt.

    Raises:
        ValueError: the text is not a receipt.
    """
    receipt = msgspec.json.decode(text, type=Receipt)
    if receipt.format != FORMAT:
        raise ValueError(f"This is no receipt of the kind {FORMAT}.")
    return receipt


def check(receipt: Receipt | dict[str, Any] | bytes | str, *, trusted_key: str | None = None) -> list[str]:
    """Check a receipt without the ledger; return what is wrong with it in sentences, [] when all holds.

    Args:
        receipt: the receipt, or its JSON.
        trusted_key: the verifier key from a place that the reader trusts. Without it the receipt's own key is
            used, which shows only that the receipt agrees with itself.
    """
    try:
        known = _receipt(receipt)
        origin, key = notes.read_vkey(trusted_key or known.key)
    except (ValueError, TypeError) as problem:
        return [f"The receipt cannot be read: {problem}"]
    findings = [sentence for part in known.parts for sentence in _part_findings(part)]
    if trusted_key is not None and trusted_key.strip() != known.key.strip():
        findings.append("The receipt names another key than the one that you trust.")
    try:
        checkpoint = notes.verify(known.checkpoint, key, origin)
    except notes.BadNote as problem:
        return [*findings, str(problem)]
    if not _included(known, checkpoint):
        findings.append(
            f"Event {known.header.index} does not stand under the checkpoint as the receipt says."
        )
    return findings


def _receipt(receipt: Receipt | dict[str, Any] | bytes | str) -> Receipt:
    if isinstance(receipt, Receipt):
        return receipt
    if isinstance(receipt, dict):
        return read(msgspec.json.encode(receipt))
    return read(receipt)


def _part(part: ledger.SealedPart, disclosed: bool) -> ReceiptPart:
    if not disclosed or part.body is None:
        return ReceiptPart(name=part.name, digest=part.digest.hex())
    return ReceiptPart(name=part.name, digest=part.digest.hex(), salt=part.salt.hex(), body=part.body)


def _part_findings(part: ReceiptPart) -> list[str]:
    if part.body is None and part.salt is None:
        return []
    if part.body is None or part.salt is None:
        return [f"The part “{part.name}” is disclosed by half."]
    try:
        salt = bytes.fromhex(part.salt)
    except ValueError:
        return [f"The salt of the part “{part.name}” is not hexadecimal."]
    if ledger.part_digest(salt, part.body.encode()).hex() != part.digest:
        return [f"The part “{part.name}” differs from what was sealed."]
    return []


def _included(receipt: Receipt, checkpoint: notes.Checkpoint) -> bool:
    header = receipt.header
    try:
        digests = [(part.name, bytes.fromhex(part.digest)) for part in receipt.parts]
        proof = [base64.b64decode(step, validate=True) for step in receipt.proof[:LONGEST_PROOF]]
        leaf = merkle.leaf_hash(
            ledger.leaf_bytes(
                header.index, header.utc, header.act, header.case, header.before, header.after, digests
            )
        )
    except (ValueError, binascii.Error):
        return False
    return header.v == ledger.LEAF_VERSION and merkle.verify_inclusion(
        header.index, checkpoint.size, leaf, proof, checkpoint.root
    )
