"""Our own files, from a list made at the start: what is not on it is not there."""

import hashlib
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, abort, request

KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
UNLISTED = {"node_modules", "axe"}


class StaticFiles:
    """The files under one folder that may be served, and the mark that changes when one of ours does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in KINDS and path.is_file() and not UNLISTED & set(path.parts)
        }
        mark = hashlib.sha256()
        for name, path in self.files.items():
            if not name.startswith("vendor/"):
                mark.update(name.encode() + path.read_bytes())
        self.version = mark.hexdigest()[:10]

    def answer(self, name: str) -> Response:
        """One file, kept by browsers for ever when its address carries our mark."""
        path = self.files.get(name)
        if path is None:
            abort(404)
        response = Response(path.read_bytes(), mimetype=KINDS[path.suffix])
        response.add_etag()
        marked = request.args.get("v") == self.version or path.suffix == ".woff2"
        response.headers["Cache-Control"] = FOR_EVER if marked else FOR_A_DAY
        return cast(Response, response.make_conditional(request))


def blueprint(files: StaticFiles) -> Blueprint:
    """The one route for our own files; it needs no person and reads no database."""
    made = Blueprint("files", __name__)

    def static_file(name: str) -> Response:
        return files.answer(name)

    static_file.permissions = {"GET": "public"}  # type: ignore[attr-defined]
    made.add_url_rule("/static/<path:name>", "static_file", static_file, methods=["GET"])
    return made
