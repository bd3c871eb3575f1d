"""The printer, in a process of its own: `python -m review.dossier.render` reads an order and writes a PDF.

Order and answer go through standard input and output, so that this process needs no file, no network and no
database. Progress goes to standard error, one line a page.
"""

from __future__ import annotations

import base64
import ctypes
import gc
import logging
import os
import re
import resource
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
    }
)
PAGE = re.compile(r"Step 5 .*Page (\d+)")
DRAWING = "Step 6"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to print, and with what. `assets` maps our own addresses to bytes in base64."""

    html: str
    assets: dict[str, str]
    attachments: tuple[tuple[str, str, str], ...]
    """Name, description and text of each file that the PDF carries."""
    stamp: str
    """The moment that all dates in the file say, ISO 8601 with zone."""
    identifier: str


def say(words: str) -> None:
    """One line for the parent, without line breaks of its own."""
    sys.stderr.write(" ".join(words.split()) + "\n")
    sys.stderr.flush()


def limit(megabytes: int, cpu_seconds: int) -> None:
    """Bound this process and take the network from it; says on standard error which way."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say(f"network {'none' if without_network() else 'guarded'}")


def without_network() -> bool:
    """Leave the network for an empty one, where the system permits it."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def guard(event: str, _arguments: tuple[Any, ...]) -> None:
    """An audit hook: printing opens no connection and starts no program."""
    if event in FORBIDDEN:
        raise PermissionError(f"Printing may not do this: {event}")


class NotOurs(RuntimeError):
    """A document asked for a file that is not ours."""


def fetcher(assets: Mapping[str, bytes], refused: list[str]) -> Any:
    """A fetcher that knows our own files and stops the printing at anything else.

    What it refused is also noted in `refused`: drawings inside a page swallow the stop.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    from review.dossier.assets import kind_of

    class Closed(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url not in assets:
                refused.append(url[:200])
                raise FatalURLFetchingError(f"refused {url[:200]}")
            return URLFetcherResponse(url, assets[url], {"Content-Type": kind_of(url)})

    return Closed()


def quicken() -> None:
    """Remember the tuple of all pages, which the tag tree asks for once a tag: the same bytes, far sooner."""
    import pydyf

    slow = pydyf.PDF.page_references.fget
    known: dict[int, tuple[int, tuple[bytes, ...]]] = {}

    def references(pdf: Any) -> tuple[bytes, ...]:
        count = len(pdf.pages["Kids"])
        if id(pdf) not in known or known[id(pdf)][0] != count:
            known[id(pdf)] = (count, slow(pdf))
        return known[id(pdf)][1]

    pydyf.PDF.page_references = property(references)


class Pages(logging.Handler):
    """Passes on which page is being laid out."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        found = PAGE.search(message)
        if found:
            say(f"page {found.group(1)}")
        elif message.startswith(DRAWING):
            say("drawing")


def write(order: Order) -> bytes:
    """The PDF of an order: tagged, bookmarked, and the same bytes for the same order."""
    from weasyprint import HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    quicken()
    log = logging.getLogger("weasyprint.progress")
    log.setLevel(logging.INFO)
    log.addHandler(Pages())
    assets = {address: base64.b64decode(body) for address, body in order.assets.items()}
    stamp = datetime.fromisoformat(order.stamp)
    attachments = [
        Attachment(
            string=text,
            name=name,
            description=description,
            relationship="Data",
            created=stamp,
            modified=stamp,
        )
        for name, description, text in order.attachments
    ]
    refused: list[str] = []
    page = HTML(string=order.html, base_url="asset:/", url_fetcher=fetcher(assets, refused))
    pdf: bytes = page.write_pdf(
        pdf_variant="pdf/ua-1",
        pdf_identifier=bytes.fromhex(order.identifier),
        attachments=attachments,
        font_config=FontConfiguration(),
    )
    if refused:
        raise NotOurs(f"refused {refused[0]}")
    return pdf


def main(arguments: list[str]) -> int:
    """`render MEGABYTES CPU_SECONDS`: the order on standard input, the PDF on standard output."""
    gc.disable()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    limit(int(arguments[0]), int(arguments[1]))
    sys.addaudithook(guard)
    try:
        pdf = write(order)
    except BaseException as failure:  # noqa: BLE001 - a refused file is no Exception
        say(f"failed {type(failure).__name__}: {failure}"[:2000])
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
