"""Text, numbers, files and requests that nobody types by accident: shown as text, refused in words, never a fault."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from review.demo.play import MANAGER, TEAM
from review.rules.vocabulary import Act, Role, State
from review.web import security
from tests.builders import LAB, World
from tests.web.attacking import Place, placed, upload
from tests.web.visiting import Visitor as Stranger
from tests.web.visiting import app_of

INES, INTAKE, LEAD = "ines.okafor@agency.example", TEAM[Role.INTAKE], TEAM[Role.LEAD]
AUDITOR, ADMINISTRATOR = "helen.whitlock@agency.example", "kofi.mensah@agency.example"
ENCODED_BY_BROWSERS = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}<a href='javascript:alert(3)'>&lt;b&gt;"
DIGITS = "9" * 5000
ODD = [
    "nul \x00 inside",
    "bell \x07 and escape \x1b[31m",
    "\u202egnp.exe\u202c and \u2066isolated\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\U000e0041\U000e0042 \ufeff \ufffe",
    "=HYPERLINK(\"https://elsewhere.example\")",
    "' OR 1=1; DROP TABLE cases; --",
    "${7*7} {{config}} %s %(x)s {0.__class__}",
]  # fmt: skip
TEXTS = {"odd": " | ".join(ODD), "long": "W" * 10_000, "marks": "e\u0301\u0327\u20dd" * 200}

At = Callable[[str | State], Place]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[At]:
    """Houses in which one case stands at a stage."""
    with ExitStack() as houses:
        yield lambda stage: houses.enter_context(placed(stage, tmp_path / uuid4().hex))


# Text --------------------------------------------------------------------------------------------


class Active(HTMLParser):
    """Everything on a page that would run, or lead away, and that no template of ours writes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append("script")
        if tag in {"iframe", "object", "embed", "base", "style"}:
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            if given.get(name, "").strip().lower().startswith(("javascript:", "data:text")):
                self.found.append(f"{tag} {name}")


CRAWLED = ("now", "filing", "evidence", "review", "questions", "decision", "record", "team", "dossier")


def crawl(place: Place, user: str, *more: str) -> list[str]:
    """What runs on the pages of the case, and on further ones."""
    visitor = place.visit(user)
    found = []
    for page in (*(place.at(tab) for tab in CRAWLED), *more):
        answer = visitor.open(page)
        assert answer.status_code < 500, page
        found += [f"{page}: {one}" for one in Active(answer.text).found]
        assert "49" not in re.findall(r"&gt;(\d+)\{%", answer.text), page
    return found


def finding(place: Place, typed: str) -> dict[str, Any]:
    item = next(i for i in place.play.facts().evidence if i.measurements)
    return {
        "statement": typed,
        "cite": f"{item.number}-m1",
        f"locator-{item.number}-m1": typed,
        "severity": "MINOR",
        "uncertainty": typed,
        "alternative_reading": typed,
    }


def write_everywhere(place: Place, typed: str) -> list[int]:
    """The text in every place where lab and team can write, from review to notice."""
    jonas, ines, lead, manager = (place.visit(user) for user in (LAB, INES, LEAD, MANAGER))
    said = {"provided-1": typed, "missing-1": typed, "basis-1": typed, "cure-1": typed}
    answers = [
        ines.press(place.at("review/CYBER"), "Save finding", finding(place, typed)),
        ines.press(
            place.at("review/CYBER"),
            "Save the conclusion",
            {"conclusion": "CONCERN_MITIGABLE", "scope": typed, "summary": typed},
        ),
        lead.press(place.at("decision/memo"), "Save the memo", {"recommendation": "RESTRICT", "summary": typed}),
        ines.press(place.at("questions"), "Save the draft", said),
        lead.press(place.at("questions"), "Issue IR-01"),
        jonas.post(place.at("questions/answers"), {"answer-Q-1": typed, "action": "save"}, seen=place.at("questions")),
        upload(place, jonas, f"{typed[:80]}.json".translate(ENCODED_BY_BROWSERS), typed.encode() * 2),
        manager.post("/labs", {"lab_name": typed}, seen="/labs"),
        place.visit(ADMINISTRATOR).post(
            "/people/invite", {"name": typed, "title": typed, "user_id": "mallory@lab.example"}, seen="/people/invite"
        ),
        jonas.post("/filings", {"model_name": typed, "configuration": typed}, seen="/filings"),
    ]  # fmt: skip
    return [answer.status_code for answer in answers]


def test_markup_in_every_field_stays_text_on_every_page(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    assert set(write_everywhere(place, MARKUP)) <= {200, 303}
    f = place.play.facts()
    assert MARKUP in f.live_findings[0].statement
    assert f.requests[-1].items[0].missing == MARKUP
    new = place.visit(LAB).open("/filings").text
    drafts = set(re.findall(r"/cases/\w{32}", new))
    ran = crawl(place, LEAD, "/desk", "/cases", place.at("review/CYBER"), place.at("decision/memo"))
    ran += crawl(place, INES, "/desk", place.at("review/CYBER"), place.at("review/CYBER/sign"))
    ran += crawl(place, LAB, "/desk", "/filings", "/evidence", *(f"{draft}/filing" for draft in drafts))
    ran += crawl(place, AUDITOR, "/audit", "/ledger", *(f"/ledger/{n}" for n in newest_entries(place)))
    ran += crawl(place, MANAGER, "/labs", "/desk")
    ran += crawl(place, ADMINISTRATOR, "/people", "/people/invite")
    assert not ran


def newest_entries(place: Place) -> list[int]:
    found = re.findall(r'href="/ledger/(\d+)"', place.visit(AUDITOR).open("/ledger").text)
    return [int(one) for one in dict.fromkeys(found)][:12]


@pytest.mark.parametrize("typed", TEXTS.values(), ids=TEXTS)
def test_odd_text_is_kept_or_refused_and_every_page_still_opens(at: At, typed: str) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    assert set(write_everywhere(place, typed)) <= {200, 303, 409, 422}
    for user in (LEAD, LAB, AUDITOR):
        assert not crawl(place, user, "/desk")
    kept = place.play.facts().live_findings[0].statement
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", kept)
    assert "\u05e9\u05dc\u05d5\u05dd" in kept or "\u05e9" not in typed


def test_bytes_that_are_no_text_are_read_as_far_as_they_are(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    jonas = place.visit(LAB)
    body = f"csrf_token={quote(place.csrf(jonas))}&reason=%ff%fe%ed%a0%80 put off%c3".encode()
    answer = jonas.client.post(
        place.at("withdraw"), data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    assert jonas.open(place.at("now")).status_code == 200


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", '"', "%' OR '1'='1", "*", "[a-z]", "\x00", "a" * 5000])
def test_a_search_finds_what_was_typed_and_no_pattern(at: At, q: str) -> None:
    place = at(State.DECIDED_RESTRICTED)
    place.days(5)
    for user, page, parameter in (
        (LEAD, "/cases", "q"),
        (LAB, "/filings", "q"),
        (AUDITOR, "/ledger", "person"),
        (AUDITOR, "/ledger", "case"),
        (LAB, "/register", "q"),
    ):
        answer = place.visit(user).client.get(page, query_string={parameter: q})
        assert answer.status_code in {200, 400}, page
        assert place.play.case_id not in answer.text, page
    assert place.play.case_id in place.visit(LEAD).client.get("/cases", query_string={"q": "tern"}).text


# Numbers and names in addresses --------------------------------------------------------------------


def test_no_number_is_too_large_and_no_address_too_odd(at: At) -> None:
    place = at(State.DRAFT)
    reviewed = at(State.SUBSTANTIVE_REVIEW)
    jonas, helen, lead = place.visit(LAB), place.visit(AUDITOR), reviewed.visit(LEAD)
    item = place.play.facts().evidence[0].number
    asked = [
        (helen, f"/ledger/{2**63}"),
        (helen, f"/ledger/{2**63}/proof.json"),
        (helen, f"/ledger/{DIGITS}"),
        (helen, f"/ledger?before={DIGITS}&entry={DIGITS}"),
        (helen, "/ledger?before=-1&act=%00"),
        (helen, "/audit/checks/%00"),
        (jonas, place.at(f"filing/evidence/{item}?from={DIGITS}")),
        (jonas, place.at("filing/evidence/%00")),
        (jonas, place.at(f"uploads/{DIGITS[:300]}")),
        (jonas, place.at("record?before=99999999999999999999")),
        (jonas, "/filings?after=%00~%00&q=%00"),
        (jonas, "/register?after=garbage"),
        (jonas, "/cases/%00/now"),
        (jonas, f"/cases/{'a' * 5000}/now"),
        (jonas, "/cases/%F0%9F%98%80/now"),
        (jonas, "/guidance/..%2f..%2fsecret"),
        (lead, reviewed.at(f"evidence/EV-01/files/{2**70}")),
        (lead, reviewed.at("review/cyber")),
        (lead, reviewed.at("review/CYBER?revise=%00&cite=%00")),
        (lead, "/cases?after=zzz~zzz&turn=%00&state=NOPE"),
        (lead, f"/cases?state={DIGITS}"),
    ]
    faults = [page[:60] for visitor, page in asked if visitor.open(page).status_code >= 500]
    assert not faults


def test_no_number_in_a_form_is_too_large(at: At) -> None:
    place, reviewed = at(State.DRAFT), at(State.SUBSTANTIVE_REVIEW)
    jonas, lead, ines = place.visit(LAB), reviewed.visit(LEAD), reviewed.visit(INES)
    section = place.at("filing/cover_sheet/applicant")
    sent = [
        jonas.post(section, {"version": DIGITS, "action": "save"}, seen=section),
        jonas.post(section, {"version": "99999999999999999999"}, seen=section),
        jonas.post(f"{section}/autosave", {"version": DIGITS}, seen=section),
        jonas.post(f"{section}/compare", {"version": DIGITS}, seen=section),
        jonas.post(section, {"action": f"remove:x:{DIGITS}"}, seen=section),
        jonas.post(place.at("uploads"), {"name": "x", "bytes": DIGITS}, seen="/account"),
        lead.post(
            reviewed.at("questions/draft"), {"row": DIGITS, "items": DIGITS, "item": DIGITS}, seen="/account"
        ),
        lead.post(reviewed.at("questions/draft"), {"action": f"remove:{DIGITS}"}, seen="/account"),
        lead.post(
            reviewed.at("decision/notice/save"), {"condition": DIGITS, "option": DIGITS}, seen="/account"
        ),
        lead.post(reviewed.at("questions/issue"), {"expects": DIGITS}, seen="/account"),
        ines.post(
            reviewed.at("review/CYBER/finding"), {**finding(reviewed, "x"), "tier": DIGITS}, seen="/account"
        ),
    ]
    faults = [n for n, answer in enumerate(sent) if answer.status_code >= 500]
    assert not faults


def test_odd_cookies_are_nobodys(at: At) -> None:
    place = at(State.DRAFT)
    for value in ("\u00e9\u00e9.ff", "%00", "a" * 4000, "é.é", ".", "x.7b7d"):
        client = place.app.test_client()
        for name in (
            security.session_cookie(False),
            security.note_cookie(False),
            security.form_cookie(False),
        ):
            client.set_cookie(name, value, domain="localhost")
        assert client.get("/account").status_code == 303
        assert client.get("/sign-in").status_code == 200
        jonas = place.visit(LAB)
        jonas.client.set_cookie(security.note_cookie(False), value, domain="localhost")
        assert jonas.open("/account").status_code == 200


# Size and shape --------------------------------------------------------------------------------------


def test_what_is_too_large_or_too_many_is_refused_in_words(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    jonas = place.visit(LAB)
    token = place.csrf(jonas)
    large = jonas.client.post(place.at("withdraw"), data={"csrf_token": token, "reason": "x" * 9_000_000})
    part = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
    many = jonas.client.post(
        place.at("withdraw"),
        data=part * 12_000 + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    announced = jonas.client.post(
        place.at("withdraw"),
        headers={"X-CSRF-Token": token},
        environ_overrides={"CONTENT_LENGTH": str(10**12)},
        content_type="application/x-www-form-urlencoded",
    )
    assert (large.status_code, many.status_code, announced.status_code) == (413, 413, 413)
    assert all("Not done" in answer.text for answer in (large, many, announced))
    assert place.play.case.state is State.SUBSTANTIVE_REVIEW


def test_a_hundred_thousand_fields_do_nothing(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    lead = place.visit(LEAD)
    fields = {"csrf_token": place.csrf(lead), **{f"provided-{n}": "x" for n in range(100_000)}}
    answer = lead.client.post(place.at("questions/draft"), data=fields)
    assert answer.status_code in {413, 422}
    assert place.play.facts().draft_request is None


def test_a_deep_body_of_another_kind_is_no_form(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    jonas = place.visit(LAB)
    deep = b'{"reason":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    for kind in ("application/json", "text/xml", "multipart/form-data", "multipart/form-data; boundary=\xff"):
        answer = jonas.client.post(
            place.at("withdraw"),
            data=deep,
            content_type=kind,
            headers={"X-CSRF-Token": place.csrf(jonas)},
        )
        assert answer.status_code in {400, 413, 415, 422}, kind
    assert place.play.case.state is State.SUBSTANTIVE_REVIEW


def test_methods_that_a_page_does_not_take_are_refused_and_tell_nothing(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    lead = place.visit(LEAD)
    token = {"X-CSRF-Token": place.csrf(lead)}
    for method in ("DELETE", "PATCH", "TRACE", "CONNECT", "BREW", "PROPFIND"):
        assert lead.client.open(place.at("now"), method=method, headers=token).status_code == 405, method
        assert lead.client.open(place.at("now"), method=method).status_code in {403, 405}, method
    stranger = place.app.test_client()
    told = stranger.options(place.at("now"))
    absent = stranger.options(f"/cases/{'f' * 32}/now")
    assert (told.status_code, told.data, told.headers["Allow"]) == (200, b"", absent.headers["Allow"])
    assert lead.client.post(place.at("now"), headers=token).status_code == 405


def test_head_answers_as_get_does_without_a_body(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    lead, stranger = place.visit(LEAD), place.visit("sara.lindqvist@northlight.example")
    for page in ("now", "evidence/EV-01/files/0", "record"):
        got, headed = lead.open(place.at(page)), lead.client.head(place.at(page))
        assert (headed.status_code, headed.data) == (got.status_code, b"") == (200, b""), page
        assert stranger.client.head(place.at(page)).status_code == 404, page


def test_another_host_is_not_answered_in_the_demonstration(at: At) -> None:
    place = at(State.DRAFT)
    for host in (
        "elsewhere.example",
        "localhost.elsewhere.example",
        "127.0.0.1.elsewhere.example:80",
        "[::2]:80",
    ):
        answer = place.app.test_client().get("/sign-in", headers={"Host": host})
        assert answer.status_code == 421, host
        assert "csrf_token" not in answer.text, host


def test_no_address_of_an_answer_comes_from_the_host_that_was_asked(world: World) -> None:
    visitor = Stranger(app_of(world, demonstration=False))
    answer = visitor.get(
        "/account", headers={"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example"}
    )
    assert answer.headers["Location"].startswith("/sign-in")
    page = visitor.get("/sign-in", headers={"Host": "elsewhere.example"})
    assert "elsewhere" not in page.text + str(page.headers)


def test_every_act_tried_here_left_a_record_that_verifies(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    write_everywhere(place, MARKUP)
    assert place.verified()
    assert place.entries(Act.WRITE_FINDING) == 1
