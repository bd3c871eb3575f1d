"""The file store: bytes by their hash, kept per case so that no lab learns what another holds.

Files are put before the transaction that names them: an orphan is harmless, a dangling reference impossible.
The first byte of each stored file is its format (0: plain), so that encryption at rest can come.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PLAIN = b"\x00"
CHUNK = 1 << 20


class FileStore:
    """A folder `case/sha256`. Files are written to a temporary name, synced, renamed; the folder is synced."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, space: str, sha256: str) -> Path:
        if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
            raise ValueError("not a key of the file store")
        return self._folder(space) / sha256

    def _folder(self, space: str) -> Path:
        """The folder of a case; a name that could lead elsewhere is refused before anything is written."""
        if not space or not all(c.isascii() and (c.isalnum() or c in "-_") for c in space):
            raise ValueError("not a space of the file store")
        return self.root / space

    def put(self, space: str, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store a stream; return its SHA-256 and its size in bytes. Memory stays that of one chunk."""
        folder = self._folder(space)
        folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(PLAIN)
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(self._path(space, digest.hexdigest()))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return digest.hexdigest(), size

    def put_bytes(self, space: str, data: bytes) -> str:
        """Store bytes; return their SHA-256."""
        return self.put(space, (data,))[0]

    def put_file(self, space: str, path: Path) -> tuple[str, int]:
        """Store a file of the local disk."""
        return self.put(space, _chunks(path))

    def exists(self, space: str, sha256: str) -> bool:
        return self._path(space, sha256).is_file()

    def stream(self, space: str, sha256: str) -> Iterator[bytes]:
        """The stored bytes in chunks. Raises FileNotFoundError."""
        path = self._path(space, sha256)
        with path.open("rb") as stored:
            if stored.read(1) != PLAIN:
                raise ValueError("unknown format byte in the file store")
            while chunk := stored.read(CHUNK):
                yield chunk

    def read(self, space: str, sha256: str) -> bytes:
        return b"".join(self.stream(space, sha256))

    def verify(self, space: str, sha256: str) -> bool:
        """Whether the stored bytes still have the hash by which they are known."""
        digest = hashlib.sha256()
        try:
            for chunk in self.stream(space, sha256):
                digest.update(chunk)
        except (FileNotFoundError, ValueError):
            return False
        return digest.hexdigest() == sha256

    def copy_out(self, space: str, sha256: str, target: Path) -> None:
        """Write the stored bytes to a path."""
        with target.open("wb") as out:
            for chunk in self.stream(space, sha256):
                out.write(chunk)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
