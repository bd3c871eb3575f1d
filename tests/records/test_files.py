"""The file store: bytes by their hash, in the folder of their case and nowhere else."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.records.files import CHUNK, FileStore

ODD_SPACES = ["", ".", "..", "../other", "a/b", "/etc", "a\\b", "a\x00b", "case.one", "caf\u00e9"]
ODD_KEYS = ["", "abc", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "../" + "0" * 61, "0" * 63 + "/"]


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.mark.parametrize("data", [b"", b"one", b"\x00\xff" * CHUNK + b"end"], ids=["empty", "short", "long"])
def test_what_was_put_comes_back_under_its_hash(files: FileStore, data: bytes, tmp_path: Path) -> None:
    sha256, size = files.put("case", (data[:7], data[7:]))
    assert (sha256, size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert files.read("case", sha256) == data and files.exists("case", sha256)
    assert files.verify("case", sha256)
    files.copy_out("case", sha256, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert files.put_file("case", tmp_path / "out") == (sha256, size)
    assert len(names(files.root)) == 2, "the folder of the case, and one file"


def test_a_case_does_not_see_what_another_holds(files: FileStore) -> None:
    sha256 = files.put_bytes("one", b"secret")
    assert not files.exists("two", sha256) and not files.verify("two", sha256)
    with pytest.raises(FileNotFoundError):
        files.read("two", sha256)


@pytest.mark.parametrize("space", ODD_SPACES)
def test_an_odd_space_is_refused_before_anything_is_written(
    files: FileStore, space: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="not a space"):
        files.put_bytes(space, b"x")
    with pytest.raises(ValueError, match="not a space"):
        files.exists(space, "0" * 64)
    assert names(tmp_path) == []


@pytest.mark.parametrize("key", ODD_KEYS)
def test_an_odd_key_is_refused(files: FileStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        files.exists("case", key)
    with pytest.raises(ValueError, match="not a key"):
        files.read("case", key)
    assert not files.verify("case", key)


def test_bytes_that_changed_or_vanished_do_not_verify(files: FileStore) -> None:
    sha256 = files.put_bytes("case", b"evidence")
    stored = files.root / "case" / sha256
    stored.write_bytes(b"\x00evidence!")
    assert not files.verify("case", sha256)
    stored.write_bytes(b"\x07evidence")
    assert not files.verify("case", sha256), "a format that this version does not know"
    stored.unlink()
    assert not files.verify("case", sha256)


def test_a_stream_that_breaks_off_leaves_nothing(files: FileStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        files.put("case", broken())
    assert names(files.root) == ["case"]
