"""A file of 1 GB goes up in pieces, through the real server, in little memory, while others work."""

import json
import re
import threading
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

SIZE = 1_000_000_000
PIECE = 8 * 1024 * 1024
MOST_MEMORY = 150_000_000
LAB = "milan.horak@ostrava.example"


class Window:
    """A signed-in person without a browser."""

    def __init__(self, site: str, user_id: str) -> None:
        self.site = site
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.send("/sign-in/as", {"persona": user_id}, page="/sign-in")

    def read(self, path: str) -> str:
        with self.opener.open(self.site + path, timeout=60) as answer:
            return str(answer.read().decode())

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.read(page))
        assert found, page
        return found.group(1)

    def send(self, path: str, fields: dict[str, str], page: str) -> str:
        body = urlencode({**fields, "csrf_token": self.token(page)}).encode()
        with self.opener.open(Request(self.site + path, data=body), timeout=60) as answer:
            return str(answer.read().decode())

    def put(self, path: str, piece: bytes, token: str) -> dict[str, int]:
        headers = {"X-CSRF-Token": token, "Content-Type": "application/octet-stream"}
        request = Request(self.site + path, data=piece, headers=headers, method="PUT")
        with self.opener.open(request, timeout=120) as answer:
            return dict(json.loads(answer.read()))


def serving(data: Path) -> Iterator[int]:
    """Process ids of the server and its children, by their command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(data).encode() in command and b"serve" in command:
                yield int(entry.name)


def memory(pid: int) -> int:
    """The most memory that a process has ever held, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found.group(1)) * 1024 if found else 0


@pytest.mark.slow
def test_a_gigabyte_goes_up_in_pieces_while_others_work(data: Path, site: str) -> None:
    lab = Window(site, LAB)
    found = re.search(r'/cases/([0-9a-f]{32})[^"]*"[^>]*>Kestrel Edge', lab.read("/filings"))
    assert found, "the demonstration has a draft"
    evidence = f"/cases/{found.group(1)}/filing/evidence"
    begun = json.loads(
        lab.send(f"/cases/{found.group(1)}/uploads", {"name": "big.bin", "bytes": str(SIZE)}, page=evidence)
    )
    token = lab.token(evidence)
    before = max(memory(pid) for pid in serving(data))
    read, stop = [0], threading.Event()

    def work() -> None:
        other = Window(site, "daniel.reyes@agency.example")
        while not stop.is_set():
            assert "Daniel" in other.read("/desk")
            read[0] += 1

    worker = threading.Thread(target=work)
    worker.start()
    piece, sent = b"\x5a" * PIECE, 0
    while sent < SIZE:
        sent = lab.put(f"{begun['address']}/{sent}", piece[: SIZE - sent], token)["offset"]
    stop.set()
    worker.join()
    assert sent == SIZE
    assert read[0] > 0, "somebody else could read meanwhile"
    grown = max(memory(pid) for pid in serving(data)) - before
    assert grown < MOST_MEMORY, f"{grown:,} bytes more"
