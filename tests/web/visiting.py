"""A visitor with a browser: asks for pages, sends forms with the token that a page of ours would carry."""

import re
from html import unescape
from typing import Any

from flask import Flask
from msgspec import structs
from werkzeug.test import TestResponse

from review.settings import DEMONSTRATION_PASSWORD
from review.web import create_app
from tests.builders import World

CORE = ("register", "sign_in", "administration", "auditing", "signing")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def app_of(world: World, *, demonstration: bool = False) -> Flask:
    """The pages of this room, without those of labs and reviewers."""
    world.office.settings = structs.replace(world.office.settings, demonstration=demonstration)
    return create_app(world.office, CORE)


class Visitor:
    """One browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.client.get(address, **more)

    def token(self, address: str = "/sign-in") -> str:
        found = TOKEN.search(self.get(address).text)
        assert found is not None, address
        return found.group(1)

    def post(self, address: str, /, *, seen: str = "", **fields: str) -> TestResponse:
        """Send a form as the page `seen` would send it."""
        page = "/account" if self.get("/account").status_code == 200 else "/sign-in"
        token = self.token(seen or page)
        return self.client.post(address, data={"csrf_token": token, **fields})

    def sign_in(self, user_id: str, password: str = DEMONSTRATION_PASSWORD) -> TestResponse:
        return self.post("/sign-in", user_id=user_id, password=password)


def text_of(response: TestResponse) -> str:
    """What a person reads on a page."""
    words = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(words))
