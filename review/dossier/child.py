"""Starts the printer as a limited child and listens to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from review.dossier.render import Order

MEGABYTES = 4096
CPU_SECONDS = 600
WALL_SECONDS = 1200.0
NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><cachedir>{}</cachedir></fontconfig>"""


class NotPrinted(RuntimeError):
    """The document could not be printed; the message is a sentence for people."""


def print_order(
    order: Order,
    tell: Callable[[int], None] | None = None,
    *,
    megabytes: int = MEGABYTES,
    cpu_seconds: int = CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
) -> bytes:
    """Print an order in a child that has bounds, no network and no fonts but ours. `tell` hears page numbers.

    Raises NotPrinted with the reason.
    """
    with tempfile.TemporaryDirectory(prefix="review-paper-") as folder:
        with subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "review.dossier.render", str(megabytes), str(cpu_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            env=_environment(Path(folder)),
            start_new_session=True,
        ) as child:
            return _conversation(child, msgspec.json.encode(order), tell, wall_seconds)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours that a document could tell: no settings, a font list of its own that is empty."""
    config = folder / "fonts.conf"
    config.write_text(NO_FONTS.format(folder / "cache"))
    root = str(Path(__file__).resolve().parents[2])
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": root,
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FONTCONFIG_FILE": str(config),
    }


def _conversation(
    child: subprocess.Popen[bytes], order: bytes, tell: Callable[[int], None] | None, wall_seconds: float
) -> bytes:
    assert child.stdin and child.stdout and child.stderr
    said: list[str] = []
    written: list[bytes] = []
    late = threading.Timer(wall_seconds, child.kill)
    reader = threading.Thread(target=lambda out: written.append(_everything(out)), args=(child.stdout,))
    writer = threading.Thread(target=_give, args=(child.stdin, order))
    for thread in (late, reader, writer):
        thread.start()
    try:
        for line in _lines(child.stderr):
            page = re.fullmatch(r"page (\d+)", line)
            if page and tell:
                tell(int(page.group(1)))
            elif not page:
                said.append(line)
        code = child.wait()
    finally:
        child.kill()
        late.cancel()
        for thread in (late, reader, writer):
            thread.join()
    if code == 0 and written[0].startswith(b"%PDF"):
        return written[0]
    raise NotPrinted(_reason(code, said, wall_seconds))


def _give(to: IO[bytes], order: bytes) -> None:
    """Write all of it; a child that has ended takes no more."""
    rest = memoryview(order)
    try:
        while rest:
            rest = rest[to.write(rest) :]
    except BrokenPipeError:
        return
    finally:
        to.close()


def _everything(out: IO[bytes]) -> bytes:
    found = bytearray()
    while piece := out.read(1 << 20):
        found += piece
    return bytes(found)


def _lines(out: IO[bytes]) -> Iterator[str]:
    rest = b""
    while piece := out.read(1 << 14):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


def _reason(code: int, said: list[str], wall_seconds: float) -> str:
    failure = next((line for line in reversed(said) if line.startswith("failed ")), "")
    if "FatalURLFetchingError" in failure or "NotOurs" in failure:
        return "It asks for a file that is not ours."
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"It took longer than it may ({wall_seconds:.0f} seconds)."
    if "MemoryError" in failure or code in (-signal.SIGSEGV, -signal.SIGABRT):
        return "It needed more memory than it may have."
    return f"The printer stopped ({failure.removeprefix('failed ') or f'code {code}'})."
