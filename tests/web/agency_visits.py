"""An agency person with a browser: opens pages, presses the button of the form that holds it, signs."""

import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from review.settings import DEMONSTRATION_PASSWORD
from review.web import security, sessions
from tests.builders import World


class Forms(HTMLParser):
    """The forms of a page: where each posts, what it carries, which buttons it has."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.ahead: dict[str, list[tuple[str, str]]] = {}
        self._select = ""
        self._area = ""
        self._button: dict[str, Any] | None = None
        self._open: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {key: value or "" for key, value in attrs}
        if tag == "form":
            early = self.ahead.get(a.get("id", ""), [])
            self._open = {
                "action": a.get("action", ""),
                "id": a.get("id", ""),
                "fields": list(early),
                "buttons": [],
            }
            self.forms.append(self._open)
        if a.get("form") and tag == "input" and (a.get("type") != "checkbox" or "checked" in a):
            self.ahead.setdefault(a["form"], []).append((a["name"], a.get("value", "")))
            return
        form = self._open
        if form is None:
            return
        if tag == "input" and a.get("name"):
            if a.get("type") not in {"radio", "checkbox"} or "checked" in a:
                form["fields"].append((a["name"], a.get("value", "")))
        elif tag == "select":
            self._select = a.get("name", "")
        elif tag == "option" and self._select and "selected" in a:
            form["fields"].append((self._select, a.get("value", "")))
        elif tag == "textarea":
            self._area = a.get("name", "")
            form["fields"].append((self._area, ""))
        elif tag == "button":
            self._button = {"name": a.get("name", ""), "value": a.get("value", ""), "label": ""}
            form["buttons"].append(self._button)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button["label"] += data
        elif self._area and self._open is not None:
            name, said = self._open["fields"][-1]
            self._open["fields"][-1] = (name, said + data.lstrip("\n") if not said else said + data)


class Person:
    """One signed-in person."""

    def __init__(self, world: World, app: Flask, user: str) -> None:
        self.client = app.test_client()
        token = sessions.begin(world.office, world.people[user])
        self.client.set_cookie(security.session_cookie(False), token, domain="localhost")
        self.user = user

    def open(self, address: str) -> TestResponse:
        return self.client.get(address)

    def forms(self, address: str) -> list[dict[str, Any]]:
        page = self.open(address)
        assert page.status_code == 200, (address, page.status_code)
        reader = Forms()
        reader.feed(page.text)
        return reader.forms

    def press(
        self, address: str, label: str, fields: dict[str, Any] | None = None, *, at: str = ""
    ) -> TestResponse:
        """Open a page, fill the form that has this button, and press it. `at` is a part of its action."""
        for form in self.forms(address):
            button = next((b for b in form["buttons"] if label in " ".join(b["label"].split())), None)
            if button is None or at not in form["action"]:
                continue
            return self.client.post(form["action"], data=filled(form, button, fields or {}))
        raise AssertionError(f"No button {label!r} on {address}")

    def sign(self, address: str) -> TestResponse:
        """Open the page on which something is signed, and sign it with both components."""
        return self.sign_page(self.open(address).text)

    def sign_page(self, page: str) -> TestResponse:
        """Sign on a page that is open already."""
        reader = Forms()
        reader.feed(page)
        form = next(f for f in reader.forms if "/sign/" in f["action"])
        data = {**dict(form["fields"]), "user_id": self.user, "password": DEMONSTRATION_PASSWORD}
        return self.client.post(form["action"], data=data)

    def post(self, address: str, fields: dict[str, Any], *, seen: str) -> TestResponse:
        """Post to an address with the token of a page that the person has seen, as a forged form would."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.open(seen).text)
        assert token is not None, seen
        return self.client.post(address, data={"csrf_token": token.group(1), **fields})


def filled(form: dict[str, Any], button: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in form["fields"]:
        data.setdefault(name, []).append(value)
    data.update({name: value if isinstance(value, list) else [value] for name, value in fields.items()})
    if button["name"]:
        data[button["name"]] = [button["value"]]
    return data
