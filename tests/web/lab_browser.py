"""A browser of one person: signs in, fetches pages, sends their forms with the fields that they hide."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from review.acts.perform import perform
from review.rules.given import OpenDraft
from review.rules.vocabulary import Act
from review.web import create_app, sessions
from review.web.security import session_cookie
from tests.builders import LAB, World


class _Forms(HTMLParser):
    """The forms of a page: their address and every field that they would send as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        if not self.forms:
            return
        if tag == "input" and "disabled" not in given and given.get("name"):
            kind = given.get("type", "text")
            if kind in {"checkbox", "radio"} and "checked" not in given:
                return
            if kind != "file":
                self.forms[-1][1].append((given["name"], given.get("value", "")))
        if tag == "textarea":
            self._area, self._text = given.get("name", ""), ""
        if tag == "select":
            self._select = given.get("name", "")
            self.forms[-1][1].append((self._select, ""))
        if tag == "option" and "selected" in given and self._select is not None:
            self.forms[-1][1][-1] = (self._select, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.forms[-1][1].append((self._area, self._text.removeprefix("\n")))
            self._area = None
        if tag == "select":
            self._select = None


def forms_of(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    parser = _Forms()
    parser.feed(re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL))
    return parser.forms


def words(page: str) -> str:
    """What a person reads on a page."""
    text = re.sub(r"<(script|style|template).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def open_draft(world: World, user: str = LAB) -> str:
    """An empty draft of a lab; its id."""
    given = OpenDraft(model_name="Tern 3", configuration="Tern 3 API")
    return perform(world.office, world.people[user], Act.OPEN_DRAFT, None, given).result


class Browser:
    """One signed-in person and what was fetched last."""

    def __init__(self, world: World, user: str) -> None:
        self.world = world
        self.app = create_app(world.office)
        self.client: FlaskClient = self.app.test_client()
        token = sessions.begin(world.office, world.people[user])
        self.client.set_cookie(session_cookie(False), token)
        self.last: TestResponse | None = None

    def get(self, address: str, status: int = 200) -> str:
        self.last = self.client.get(address)
        assert self.last.status_code == status, (address, self.last.status_code, words(self.last.text)[:600])
        return self.last.text

    def send(self, action: str, changes: dict[str, Any] | None = None, status: int = 303, **more: Any) -> str:
        """Send the form of the last page that posts to `action`, with some fields changed."""
        assert self.last is not None
        posted = [(to, fields) for to, fields in forms_of(self.last.text) if ("csrf_token" in dict(fields))]
        fields = next((fields for to, fields in posted if to.split("?")[0] == action), None)
        assert fields is not None, (action, [to for to, _ in posted])
        data: dict[str, Any] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        data.update(changes or {})
        return self.post(action, data, status, **more)

    def post(self, address: str, data: Any = None, status: int = 303, **more: Any) -> str:
        self.last = self.client.post(address, data=data, **more)
        assert self.last.status_code == status, (address, self.last.status_code, words(self.last.text)[:900])
        return self.last.text

    def csrf(self) -> str:
        """The token of this session, as any page of it carries it."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/filings"))
        assert found is not None
        return found[1]

    def follow(self) -> str:
        assert self.last is not None
        return self.get(self.last.headers["Location"])
