"""The three shapes in which evidence arrives: one JSON text, one zip, or several files together."""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from review.evidence.archive import Archive
from review.evidence.json_text import Buffer, Node, complete, parse
from review.evidence.reading import FileDigest, Refusal

MAX_JSON = 512 * 1024 * 1024  # bytes of one JSON file; walked, never held decoded
MAX_PART = 64 * 1024 * 1024  # bytes of one file inside a zip or a folder
MAX_FILES = 2_000
PIECE = 1024 * 1024


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What the formats sniff and read.

    `document` is the JSON value of a single file. Otherwise `names` lists the members and
    `load(name, limit)` returns the bytes of one. `is_zip` tells a zip from a folder.
    """

    document: Node | None = None
    names: tuple[str, ...] = ()
    load: Callable[[str, int], bytes] | None = None
    is_zip: bool = False

    def member(self, name: str, limit: int = MAX_PART) -> bytes:
        if self.load is None or name not in self.names:
            raise Refusal("missing-member", f'"{name[:80]}" is missing.')
        return self.load(name, limit)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Material]:
    """The material of one regular file, recognized by its first bytes."""
    with path.open("rb") as file:
        head = file.read(1024)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            archive = Archive(path)
            yield Material(names=archive.names, load=archive.load, is_zip=True)
            return
        _refuse_by_head(head)
        size = os.fstat(file.fileno()).st_size
        if size > MAX_JSON:
            raise Refusal(
                "too-large",
                f"The file takes {size:,} bytes. Readers take JSON up to {MAX_JSON:,}; "
                "export the log in the tool's compressed form.",
            )
        # Never closed by hand: a match that still points into it would make that fail.
        yield Material(document=_whole(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def folder(files: Mapping[str, Path]) -> Material:
    """Several files under their names, read one at a time."""

    def load(name: str, limit: int) -> bytes:
        with files[name].open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Refusal("too-large", f'"{name[:80]}" takes more than {limit:,} bytes.')
        return data

    return Material(names=tuple(files), load=load)


def listed(directory: Path) -> dict[str, Path]:
    """Every regular file below a directory by its relative name; links and devices are refused."""
    found: dict[str, Path] = {}
    for base, folders, names in os.walk(directory, followlinks=False):
        folders.sort()
        for name in sorted(names + [f for f in folders if (Path(base) / f).is_symlink()]):
            path = Path(base) / name
            relative = path.relative_to(directory).as_posix()
            if not stat.S_ISREG(path.lstat().st_mode):
                raise Refusal("not-a-file", f'"{relative[:80]}" is a link or a device, not a file.')
            found[relative] = path
            if len(found) > MAX_FILES:
                raise Refusal("too-many-files", f"The folder holds more than {MAX_FILES:,} files.")
    return found


def digest(name: str, path: Path) -> FileDigest:
    """Size and SHA-256 of a file, read in pieces."""
    sha256 = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
            size += len(piece)
    return FileDigest(name=name, bytes=size, sha256=sha256.hexdigest())


def _whole(data: Buffer) -> Node:
    """The one JSON value of the buffer, its outline walked once; JSON Lines are refused by name."""
    node = parse(data)
    if not node.is_object:
        raise Refusal("unknown-format", "No reader knows this file. It stays an attachment.")
    try:
        node.outline()
        complete(node, data)
    except Refusal as refusal:
        line_end = data.find(b"\n")
        if refusal.code == "not-json" and 0 < line_end < 1024 * 1024:
            _refuse_lines(data[:line_end].rstrip())
        raise
    return node


_LINE_KINDS = {
    b'"entry_type"': "a garak report",
    b'"doc_hash"': "the sample list of lm-evaluation-harness, whose results file carries the numbers",
    b'"score_binarized"': "a list of METR runs",
    b'"spec"': "an OpenAI evals record",
}


def _refuse_lines(first_line: bytes) -> None:
    """Refuse JSON Lines by name; return when the first line is no JSON object by itself."""
    try:
        line = parse(first_line)
        complete(line, first_line)
    except Refusal:
        return
    for mark, kind in _LINE_KINDS.items():
        if mark in first_line:
            raise Refusal(
                "unknown-format", f"This looks like {kind}. No reader takes it; it stays an attachment."
            )
    raise Refusal("unknown-format", "No reader knows these JSON lines. They stay an attachment.")


def _refuse_by_head(head: bytes) -> None:
    if not head:
        raise Refusal("empty", "The file is empty.")
    if head.startswith(b"version https://git-lfs"):
        raise Refusal(
            "lfs-pointer",
            "This is a Git LFS pointer, not the log itself. Fetch the log with git lfs pull and attach it again.",
        )
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith((b"{", b"[")):
        raise Refusal("unknown-format", "No reader knows this file. It stays an attachment.")
