"""Reading a zip that nobody vouches for.

Every entry is checked before the first byte is unpacked: names, symlinks, encryption, method,
overlap. Unpacking streams, counts real bytes and stops at the limit, whatever the entry declares.
"""

from __future__ import annotations

import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

import zstandard

from review.evidence.reading import Refusal

MAX_ENTRIES = 100_000
MAX_DECLARED = 64 * 1024**3  # bytes that all entries together may declare
MAX_DIRECTORY = 16 * 1024**2  # bytes of central directory held in memory
MAX_WINDOW = 64 * 1024**2  # bytes of Zstandard window
PIECE = 64 * 1024

STORED, DEFLATED, ZSTANDARD = 0, 8, 93
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_DIRECTORY_END = struct.Struct("<4s4H2IH")


class Archive:
    """The entries of a checked zip; `load` unpacks one within a limit of bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = _checked_entries(path)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def load(self, name: str, limit: int) -> bytes:
        """The unpacked bytes of one entry; refused when they pass `limit` or differ from what it declares."""
        info, start = self._entries[name]
        if info.file_size > limit:
            raise _too_large(name, limit)
        unpacked = bytearray()
        checksum = 0
        with self._path.open("rb") as file:
            file.seek(start)
            for piece in _unpacked(file, info, min(limit, info.file_size)):
                unpacked += piece
                checksum = zlib.crc32(piece, checksum)
                if len(unpacked) > info.file_size:
                    raise Refusal(
                        "zip-size-lie",
                        f'"{name[:80]}" unpacks to more than the {info.file_size:,} bytes that it declares.',
                    )
        if len(unpacked) != info.file_size or checksum != info.CRC:
            raise Refusal("zip-damaged", f'"{name[:80]}" is damaged: size or checksum does not match.')
        return bytes(unpacked)


def _checked_entries(path: Path) -> dict[str, tuple[zipfile.ZipInfo, int]]:
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            _check_directory_size(file, size)
            with zipfile.ZipFile(file) as archive:
                infos, directory_start = archive.infolist(), archive.start_dir
            _check_count(infos)
            return _located(file, infos, directory_start)
    except (zipfile.BadZipFile, NotImplementedError, OSError, struct.error, ValueError, IndexError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a seek before the file's start
            raise
        raise Refusal("zip-damaged", "The zip is damaged or cut off: its directory cannot be read.") from None


def _check_directory_size(file: BinaryIO, size: int) -> None:
    """Refuse a directory too large for memory before anything loads it."""
    tail = min(size, _DIRECTORY_END.size + 65535 + 76)
    file.seek(size - tail)
    data = file.read(tail)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < _DIRECTORY_END.size:
        raise zipfile.BadZipFile
    directory_bytes = int(_DIRECTORY_END.unpack_from(data, at)[5])
    if at >= 76 and data[at - 20 : at - 16] == b"PK\x06\x07":  # ZIP64: the true size lies before
        directory_bytes = int.from_bytes(data[at - 36 : at - 28], "little")
    if directory_bytes > MAX_DIRECTORY:
        raise Refusal("zip-too-many", "The zip holds too many entries to be read.")
    file.seek(0)


def _check_count(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_ENTRIES:
        raise Refusal("zip-too-many", f"The zip holds more than {MAX_ENTRIES:,} entries.")
    declared = sum(info.file_size for info in infos)
    if declared > MAX_DECLARED:
        raise Refusal("zip-bomb", f"The zip declares {declared:,} bytes. The limit is {MAX_DECLARED:,}.")


def _located(
    file: BinaryIO, infos: list[zipfile.ZipInfo], directory_start: int
) -> dict[str, tuple[zipfile.ZipInfo, int]]:
    entries: dict[str, tuple[zipfile.ZipInfo, int]] = {}
    spans: list[tuple[int, int]] = []
    for info in infos:
        _check_entry(info)
        if info.filename in entries:
            raise Refusal("zip-duplicate-name", f'The zip holds "{info.filename[:80]}" twice.')
        start = _data_start(file, info)
        spans.append((info.header_offset, start + info.compress_size))
        entries[info.filename] = (info, start)
    spans.sort()
    begins = [begin for begin, _ in spans[1:]] + [directory_start]
    if any(end > begin for (_, end), begin in zip(spans, begins, strict=False)):
        raise Refusal("zip-overlap", "Entries of the zip overlap. That is how a small file hides a huge one.")
    return {name: entry for name, entry in entries.items() if not entry[0].is_dir()}


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0][:2] or "\x00" in name or not name:
        raise Refusal("zip-traversal", f'The zip names a file outside its own folder: "{_shown(name)}".')
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refusal("zip-symlink", f'"{_shown(name)}" in the zip is a link, not a file.')
    if info.flag_bits & 0x2041:
        raise Refusal("zip-encrypted", f'"{_shown(name)}" in the zip is encrypted.')
    if info.compress_type not in (STORED, DEFLATED, ZSTANDARD):
        raise Refusal(
            "zip-method",
            f'"{_shown(name)}" uses compression method {info.compress_type}, which is not supported.',
        )


def _data_start(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where the packed bytes begin; the local header must name the same file as the directory."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise zipfile.BadZipFile
    fields = _LOCAL_HEADER.unpack(header)
    name = file.read(fields[9])
    encoding = "utf-8" if fields[2] & 0x800 else "cp437"
    if fields[0] != b"PK\x03\x04" or name.decode(encoding, "replace") != info.orig_filename:
        raise Refusal("zip-damaged", f'The zip contradicts itself about "{_shown(info.orig_filename)}".')
    return info.header_offset + _LOCAL_HEADER.size + int(fields[9]) + int(fields[10])


def _unpacked(file: BinaryIO, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Pieces of the unpacked entry; yields at most one piece beyond `limit`."""
    packed = _Packed(file, info.compress_size)
    try:
        if info.compress_type == STORED:
            yield from iter(lambda: packed.read(PIECE), b"")
        elif info.compress_type == DEFLATED:
            yield from _inflated(packed, limit)
        else:
            decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
            with decompressor.stream_reader(
                cast("IO[bytes]", packed), read_across_frames=True, closefd=False
            ) as stream:
                yield from iter(lambda: stream.read(PIECE), b"")
    except (zlib.error, zstandard.ZstdError, EOFError):
        raise Refusal("zip-damaged", f'"{info.filename[:80]}" in the zip is damaged.') from None


def _inflated(packed: _Packed, limit: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-15)
    while not inflate.eof:
        data = inflate.unconsumed_tail or packed.read(PIECE)
        piece = inflate.decompress(data, PIECE)
        if piece:
            yield piece
        elif not data:
            raise EOFError


class _Packed:
    """The packed bytes of one entry and no byte beyond."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def _too_large(name: str, limit: int) -> Refusal:
    return Refusal("zip-too-large", f'"{_shown(name)}" unpacks to more than {limit:,} bytes.')


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:80]
