"""Where our own files are, and how a link reads on paper."""

from __future__ import annotations

import msgspec
from markupsafe import Markup


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of style sheets, scripts, fonts and pictures."""

    root: str
    version: str = ""

    def address(self, path: str) -> str:
        """The address of one file under `static/`, for example `css/review.css`.

        Vendor files carry their version in the package, so only our own get the mark.
        """
        address = f"{self.root.rstrip('/')}/{path.lstrip('/')}"
        return f"{address}?v={self.version}" if self.version and not path.startswith("vendor/") else address


def link(label: str, href: str | None) -> Markup:
    """A link, or the words alone when there is nowhere to go (a closed record, or paper)."""
    if href is None:
        return Markup("<span>{}</span>").format(label)
    return Markup('<a class="usa-link" href="{}">{}</a>').format(href, label)
