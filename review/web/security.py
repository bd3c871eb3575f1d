"""What every answer carries and every unsafe request must prove."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Request, Response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def session_cookie(secure: bool) -> str:
    """The name of the session cookie; the prefix binds it to this host, but only works under https."""
    return "__Host-review" if secure else "review"


def form_cookie(secure: bool) -> str:
    """The name of the cookie that stands for a visitor who has not signed in, on forms that need none."""
    return "__Host-review-form" if secure else "review-form"


def note_cookie(secure: bool) -> str:
    """The name of the cookie that carries one confirmation across a redirect."""
    return "__Host-review-note" if secure else "review-note"


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, seconds: int | None = None
) -> None:
    """A cookie that script cannot read and other sites cannot send with a form."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")


def form_token(cookie: str) -> str:
    """The token that forms of a visitor carry; it follows from the visitor's own cookie."""
    return hashlib.sha256(b"form:" + cookie.encode()).hexdigest() if cookie else ""


def new_form_cookie() -> str:
    return secrets.token_urlsafe(24)


def sealed(token: str, text: str) -> str:
    """A text with its mark under a session's token: only this session can have written it."""
    mark = hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
    return f"{mark}.{text}"


def unsealed(token: str, value: str) -> str | None:
    """The text of a sealed value, or None when another hand wrote it."""
    mark, _, text = value.partition(".")
    good = hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
    return text if token and same(mark, good) else None


def from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site sent this request."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc != request.host
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def token_given(request: Request) -> str:
    """The token that came with an unsafe request; a header spares reading the body of an upload."""
    header = request.headers.get(CSRF_HEADER)
    return header if header is not None else request.form.get(CSRF_FIELD, "")


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in constant time; an empty one never fits."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    return host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host


def harden(response: Response, *, secure: bool, private: bool) -> Response:
    """Add the headers of every answer; what a signed-in person sees is kept by nobody."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if private:
        response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Cache-Control", "no-cache")
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
