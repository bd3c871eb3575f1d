"""The pages. Only this room speaks Flask; every change that a page makes goes through `review.acts`.

`create_app` puts the rooms' blueprints together, checks that every route declares who may open it, and refuses
to start otherwise.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from flask import Flask, Response, abort, g, request
from flask_login import LoginManager, UserMixin

from review.acts.office import Office
from review.printing.environment import make_environment
from review.rules import policy
from review.settings import asset_root
from review.web import access, errors, security
from review.web.here import Here, current
from review.web.static_files import StaticFiles
from review.web.static_files import blueprint as files_blueprint

ROOMS = ("register", "sign_in", "administration", "auditing", "signing", "lab", "agency", "documents")
"""Modules of this room with a `blueprint`; one that is not installed is left out."""

LARGEST_SENDING = 55_000_000
LARGEST_FIELDS = 8_000_000
FORM = "application/x-www-form-urlencoded"
"""Forms without files; Werkzeug bounds only those with."""
MOST_PARTS = 10_000


class UnsafeDemonstration(RuntimeError):
    """Demonstration mode was asked for where others could reach it."""


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login publishes no types
    """Who Flask-Login says is signed in: our own session's person."""

    def __init__(self, person_id: str) -> None:
        self.id = person_id


def create_app(office: Office, rooms: Sequence[str] = ROOMS) -> Flask:
    """The application for one office, with some of the rooms or all.

    Raises UnsafeDemonstration for a demonstration on any address but this machine, and access.Undeclared for a
    route that does not say who may open it.
    """
    settings = office.settings
    if settings.demonstration and settings.host not in security.LOOPBACK:
        raise UnsafeDemonstration(
            f"Demonstration mode lets anybody sign in as anybody. It runs on localhost only, not on {settings.host}."
        )
    app = Flask("review.web", static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_SENDING, MAX_FORM_MEMORY_SIZE=LARGEST_FIELDS, MAX_FORM_PARTS=MOST_PARTS
    )
    files = StaticFiles(asset_root() / "static")
    templates = make_environment(
        asset_root() / "templates", asset_version=files.version, zone=str(policy.current().agency.zone)
    )
    app.register_blueprint(files_blueprint(files))
    for room in rooms:
        name = f"{__name__}.{room}"
        if find_spec(name) is not None:
            app.register_blueprint(import_module(name).blueprint)

    def arrive() -> Response | None:
        g.here = Here(office, templates)
        if settings.demonstration and security.host_name(request.host) not in security.LOOPBACK:
            return Response("This demonstration answers on localhost only.\n", 421, mimetype="text/plain")
        if "\0" in request.path or any("\0" in text for _, text in request.args.items(multi=True)):
            abort(400)
        if request.mimetype == FORM and (request.content_length or 0) > LARGEST_FIELDS:
            abort(413)
        if request.method not in security.SAFE_METHODS and not _is_ours(g.here):
            return errors.not_from_here(g.here)
        return None

    app.before_request(arrive)
    app.after_request(_leave)
    app.teardown_request(_close)
    errors.install(app)
    _log_in(app)
    access.declared(app)
    return app


def _is_ours(here: Here) -> bool:
    """Whether an unsafe request came from a form of ours in this very session."""
    if security.from_elsewhere(request):
        return False
    return security.same(security.token_given(request), here.csrf)


def _leave(response: Response) -> Response:
    here = current()
    if request.endpoint == "files.static_file":
        return security.harden(response, secure=here.secure, private=False)
    private = bool(here.token)
    return security.harden(here.finish(response), secure=here.secure, private=private)


def _close(_fault: BaseException | None) -> None:
    here: Here | None = g.get("here")
    if here is not None:
        here.release()


def _log_in(app: Flask) -> None:
    """Flask-Login asks us for each request; it keeps nothing of its own."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.request_loader  # type: ignore[untyped-decorator]
    def load(_request: object) -> Visitor | None:
        person = current().person
        return Visitor(person.id) if person.id else None
