"""Checkpoints: the size and root of the ledger as a signed note that outsiders can keep and check.

Format: C2SP ``tlog-checkpoint`` on ``signed-note``, with Ed25519. The note is three lines (origin, size, root
in base64), a blank line, and one line for each signature.
"""

import base64
import binascii
import hashlib
import os
import stat
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_DASH = "— "


class BadNote(ValueError):
    """The text is not a checkpoint; the message says why."""


class BadKey(ValueError):
    """The key or its file cannot be used; the message says why."""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """One signature line: the name of the key, its 4-byte id and the signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a note says: the ledger's origin, its size in events, its root; and who signed."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """The signed text, with its final newline."""
        return body(self.origin, self.size, self.root)


def body(origin: str, size: int, root: bytes) -> str:
    """Write the text that a signature covers."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def make(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """Sign the size and root as a note under the origin's name.

    Raises:
        BadNote: the origin is empty or holds a space, a plus sign or a control character.
    """
    _check_name(origin)
    text = body(origin, size, root)
    signature = key_id(origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{_DASH}{origin} {base64.b64encode(signature).decode()}\n"


def parse(note: str) -> Checkpoint:
    """Read a note. Reading is not verifying.

    Raises:
        BadNote: the text is not a well-formed checkpoint.
    """
    if len(note) > 100_000 or any(letter < " " and letter != "\n" for letter in note):
        raise BadNote("The checkpoint is too long or holds control characters.")
    text, blank, signed = note.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise BadNote("The checkpoint has no signature.")
    lines = text.split("\n")
    if len(lines) != 3:
        raise BadNote("A checkpoint has three lines: origin, size and root.")
    origin, size, root = lines
    if not (size.isascii() and size.isdigit() and str(int(size)) == size):
        raise BadNote("The second line of the checkpoint is not a size.")
    raw_root = _from_base64(root)
    if not origin or len(raw_root) != 32:
        raise BadNote("The origin or the root of the checkpoint is missing.")
    signatures = tuple(_signature(line) for line in signed[:-1].split("\n"))
    return Checkpoint(origin=origin, size=int(size), root=raw_root, signatures=signatures)


def verify(note: str, key: Ed25519PublicKey, origin: str) -> Checkpoint:
    """Read a note and check that this key signed it for this origin.

    Raises:
        BadNote: it is malformed, for another origin, not signed by the key, or the signature is wrong.
    """
    checkpoint = parse(note)
    if checkpoint.origin != origin:
        raise BadNote(f"The checkpoint is for {checkpoint.origin}, not for {origin}.")
    expected = key_id(origin, key)
    for signature in checkpoint.signatures:
        if signature.name == origin and signature.key_id == expected:
            _check_signature(key, signature.signature, checkpoint.text)
            return checkpoint
    raise BadNote("The checkpoint carries no signature by this ledger's key.")


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the 4-byte id of a key under a name."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def vkey(origin: str, key: Ed25519PublicKey) -> str:
    """Write the verifier key that others configure: ``name+id+key``."""
    _check_name(origin)
    public = base64.b64encode(_ED25519 + key.public_bytes_raw()).decode()
    return f"{origin}+{key_id(origin, key).hex()}+{public}"


def read_vkey(text: str) -> tuple[str, Ed25519PublicKey]:
    """Read a verifier key; return its name and key.

    Raises:
        BadKey: the text is malformed or its id does not belong to its key.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise BadKey("A verifier key has three parts joined by plus signs.")
    name, identity, public = parts
    try:
        raw = _from_base64(public)
        if len(raw) != 33 or raw[:1] != _ED25519:
            raise BadKey("The verifier key is not an Ed25519 key.")
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except BadNote as problem:
        raise BadKey("The verifier key is not base64.") from problem
    if key_id(name, key).hex() != identity:
        raise BadKey("The verifier key's id does not belong to its key.")
    return name, key


def create_key(path: Path) -> Ed25519PrivateKey:
    """Make the ledger's key and write it to a new file that only its owner may read.

    Raises:
        FileExistsError: there is a key already; it is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read the ledger's key.

    Raises:
        FileNotFoundError: there is none.
        BadKey: others than its owner may read the file, or it holds no Ed25519 key.
    """
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKey(f"Others may read the ledger's key {path.name}. Give it mode 0600.")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as problem:
        raise BadKey(f"The file {path.name} holds no key.") from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"The key in {path.name} is not an Ed25519 key.")
    return key


def _check_signature(key: Ed25519PublicKey, signature: bytes, text: str) -> None:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature as problem:
        raise BadNote("The signature does not belong to this checkpoint.") from problem


def _signature(line: str) -> Signature:
    dash, name, encoded = (*line.split(" "), "", "", "")[:3]
    if dash != _DASH.strip() or not name or line.count(" ") != 2:
        raise BadNote("A signature line of the checkpoint is malformed.")
    raw = _from_base64(encoded)
    if len(raw) <= 4:
        raise BadNote("A signature of the checkpoint is too short.")
    return Signature(name=name, key_id=raw[:4], signature=raw[4:])


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise BadNote("The checkpoint holds text that is not base64.") from problem


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise BadNote("The ledger's name must not be empty nor hold spaces or plus signs.")
