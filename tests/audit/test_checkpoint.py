"""Checkpoints are signed notes that any C2SP tool reads."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from review.audit import checkpoint as notes

ORIGIN = "review.example/ledger"
ROOT = bytes(range(32))

# The example of C2SP signed-note.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_TEXT = "This is an example message.\n"
EXAMPLE_SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)


def test_the_published_key_and_signature_are_read():
    name, key = notes.read_vkey(EXAMPLE_KEY)
    assert notes.vkey(name, key) == EXAMPLE_KEY
    line = notes._signature(f"— {name} {EXAMPLE_SIGNATURE}")
    assert line.key_id == notes.key_id(name, key)
    key.verify(line.signature, EXAMPLE_TEXT.encode())


def test_a_note_says_origin_size_and_root(key):
    note = notes.make(ORIGIN, 12, ROOT, key)
    assert note.startswith(f"{ORIGIN}\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {ORIGIN} ")
    read = notes.verify(note, key.public_key(), ORIGIN)
    assert (read.origin, read.size, read.root) == (ORIGIN, 12, ROOT)


def test_signatures_of_others_are_passed_over(key):
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    note = notes.make(ORIGIN, 12, ROOT, key)
    line = notes.make("witness.example", 12, ROOT, witness).splitlines()[-1]
    text, own = note.split("\n\n")
    assert notes.verify(f"{text}\n\n{line}\n{own}", key.public_key(), ORIGIN).size == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12", "13"),
        ("12", "012"),
        ("12", "١٢"),
        ("12", "twelve"),
        ("AAEC", "AAED"),
        ("AAEC", ""),
        ("AAEC", "%%%%"),
        ("\n\n", "\n"),
        ("\n\n", "\nextension\n\n"),
        ("\n\n—", "\n\n-"),
        (ORIGIN, "other.example/ledger"),
        ("8=\n", "8=\r\n"),
    ],
)
def test_a_changed_note_is_refused(key, old, new):
    note = notes.make(ORIGIN, 12, ROOT, key)
    assert old in note
    with pytest.raises(notes.BadNote):
        notes.verify(note.replace(old, new), key.public_key(), ORIGIN)


@pytest.mark.parametrize("note", ["", "\n\n", "\n\n\n", "a\n1\n\n\n", "— a b\n", "x" * 200_000])
def test_what_is_no_note_is_refused(note, key):
    with pytest.raises(notes.BadNote):
        notes.verify(note, key.public_key(), ORIGIN)


def test_a_note_by_another_key_is_refused(key):
    stranger: Ed25519PublicKey = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(notes.BadNote, match="no signature by this ledger's key"):
        notes.verify(notes.make(ORIGIN, 12, ROOT, key), stranger, ORIGIN)


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\n"])
def test_a_name_that_a_note_cannot_carry_is_refused(key, origin):
    with pytest.raises(notes.BadNote):
        notes.make(origin, 12, ROOT, key)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", EXAMPLE_KEY.replace("530d", "530e"), EXAMPLE_KEY[:-4], "a+00000000+%%", "a+00000000+AQ=="],
)
def test_a_broken_verifier_key_is_refused(text):
    with pytest.raises(notes.BadKey):
        notes.read_vkey(text)


def test_the_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path):
    path = tmp_path / "ledger.key"
    key = notes.create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert notes.load_key(path).private_bytes_raw() == key.private_bytes_raw()
    with pytest.raises(FileExistsError):
        notes.create_key(path)
    path.chmod(0o640)
    with pytest.raises(notes.BadKey, match="mode 0600"):
        notes.load_key(path)


def test_a_file_without_a_key_is_refused(tmp_path):
    path = tmp_path / "ledger.key"
    path.touch(mode=0o600)
    with pytest.raises(notes.BadKey, match="holds no key"):
        notes.load_key(path)
