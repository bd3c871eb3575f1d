"""Files with odd names, odd content and odd pieces: kept as bytes, given back as downloads, never run."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from review.demo.play import TEAM
from review.records.uploads import PIECE_BYTES
from review.rules.vocabulary import Role, State
from tests.builders import LAB
from tests.web.attacking import Place, placed, upload

LEAD, DIGITS = TEAM[Role.LEAD], "9" * 5000

At = Callable[[str | State], Place]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[At]:
    """Houses in which one case stands at a stage."""
    with ExitStack() as houses:
        yield lambda stage: houses.enter_context(placed(stage, tmp_path / uuid4().hex))


# Files ---------------------------------------------------------------------------------------------

NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\x.json",
    'a"; filename="evil.html',
    "evil.html%0d%0aX-Planted: 1",
    "evil.svg",
    ".",
    "\u202egnp.svg",
    "\u00fcber \u6587.json",
    "n" * 3000 + ".json",
    "CON",
    "%2e%2e%2fpasswd",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_back_as_a_download_whatever_its_name_and_content(at: At, name: str) -> None:
    place = at(State.INFORMATION_REQUEST_HOLD)
    before = set(place.world.office.settings.data.rglob("*"))
    content = (
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
        + name.encode()
    )
    assert upload(place, place.visit(LAB), name, content).status_code == 200
    item = place.play.facts().evidence[-1]
    pages = {
        LAB: place.at(f"filing/evidence/{item.id}/files/{item.files[0].sha256}"),
        LEAD: place.at(f"evidence/{item.number}/files/0"),
    }
    for user, page in pages.items():
        answer = place.visit(user).open(page)
        assert answer.data == content
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Planted" not in answer.headers
        disposition = answer.headers["Content-Disposition"]
        shown = re.fullmatch(r'attachment; filename=("(?:[^"\\]|\\.)*"|[\w.%-]+)', disposition)
        assert shown is not None, disposition
        assert disposition.isascii() and disposition.isprintable()
        assert not re.search(r"\.\./|\.\.\\", shown[1]) and "/" not in shown[1]
    made = {path for path in place.world.office.settings.data.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(place.world.office.settings.data) for path in made)
    assert not [path for path in made if "passwd" in path.name or "evil" in path.name or "svg" in path.name]


def test_a_part_of_a_file_is_that_part_or_the_whole(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    lead = place.visit(LEAD)
    page = place.at("evidence/EV-01/files/0")
    whole = lead.open(page).data
    for wanted in (
        "bytes=0-3",
        "bytes=-5",
        "bytes=5-2",
        "bytes=999999999-",
        "bytes=0-0,1-1,2-2",
        "lines=1-2",
    ):
        answer = lead.client.get(page, headers={"Range": wanted})
        assert answer.status_code in {200, 206, 416}, wanted
        assert answer.status_code != 200 or answer.data == whole
        assert "attachment" in answer.headers["Content-Disposition"] or answer.status_code == 416


def test_pieces_go_where_they_belong_and_never_beyond_what_was_announced(at: At) -> None:
    place = at(State.DRAFT)
    jonas = place.visit(LAB)
    headers = {"X-CSRF-Token": place.csrf(jonas), "Content-Type": "application/octet-stream"}

    def begin(**fields: str) -> TestResponse:
        return jonas.client.post(
            place.at("uploads"), data=fields, headers={"X-CSRF-Token": headers["X-CSRF-Token"]}
        )

    def put(where: str, body: bytes) -> TestResponse:
        return jonas.client.put(where, data=body, headers=headers)

    for bytes_ in ("0", "-1", "", "x", str(5 << 30), DIGITS, "1e9", "\u0663"):
        answer = begin(name="../../x", bytes=bytes_)
        assert answer.status_code == (201 if bytes_ == "\u0663" else 422), bytes_
    begun = begin(name="../../x\r\nX-Planted: 1\0.json", bytes="10").json
    assert begun is not None
    page = begun["address"]
    assert put(f"{page}/4", b"1234").json == {"offset": 0}
    assert put(f"{page}/0", b"1234").json == {"offset": 4, "bytes": 10}
    assert put(f"{page}/0", b"1234").status_code == 409
    assert put(f"{page}/{2**70}", b"1234").status_code == 409
    assert put(f"{page}/-1", b"1234").status_code == 404
    assert put(f"{page}/4", b"1" * 7).status_code == 422
    assert put(f"{page}/4", b"1" * (PIECE_BYTES + 1)).status_code == 413
    unfinished = jonas.post(place.at("filing/evidence/files"), {"upload": begun["id"]}, seen="/account")
    assert unfinished.status_code == 409
    assert put(f"{page}/4", b"567890").json == {"offset": 10, "bytes": 10}
    before = len(place.play.facts().evidence)
    done = jonas.post(place.at("filing/evidence/files"), {"upload": begun["id"]}, seen="/account")
    assert done.status_code == 200
    again = jonas.post(place.at("filing/evidence/files"), {"upload": begun["id"]}, seen="/account")
    assert again.status_code == 404
    assert len(place.play.facts().evidence) == before + 1
    assert place.play.facts().evidence[-1].files[0].name == "xX-Planted: 1.json"
    assert not (place.world.office.settings.data.parent / "x").exists()


@pytest.mark.parametrize("name", ["mode\u0301le 2", "half \\ud800 a pair", "\\u202egnp", "nul \\u0000"])
def test_a_log_with_odd_names_is_read_and_kept(at: At, name: str) -> None:
    place = at(State.INFORMATION_REQUEST_HOLD)
    item = next(item for item in place.play.facts().evidence if item.format == "lm-eval")
    log = place.world.office.files.read(place.play.case_id, item.files[0].sha256)
    odd = log.replace(str(item.subject).encode(), name.encode())
    assert odd != log
    answer = upload(place, place.visit(LAB), "lo\u0301g.json", odd)
    kept = place.play.facts().evidence[-1]
    assert answer.status_code == 200
    assert kept.number != item.number
    assert kept.files[0].name == "l\u00f3g.json"
    assert kept.subject is None or not re.search("[\x00\u0301\u202e\ud800]", kept.subject)
    assert place.visit(LEAD).open(place.at(f"evidence/{kept.number}")).status_code == 200
    assert place.visit(LAB).open(place.at(f"filing/evidence/{kept.number}")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["../pyproject.toml", "%2e%2e/pyproject.toml", "..%2fpyproject.toml", "css/../../pyproject.toml", "/etc/passwd",
     "css/review.css%00.png", "css\\..\\..\\pyproject.toml", "....//pyproject.toml", "css/", ".", "package.json"],
)  # fmt: skip
def test_no_path_leads_out_of_our_own_files(at: At, path: str) -> None:
    answer = at(State.DRAFT).app.test_client().get(f"/static/{path}")
    assert answer.status_code in {308, 400, 404}
    assert b"[project]" not in answer.data and b"root:" not in answer.data
