"""The printer knows our own files alone, ends when it takes too much, and prints whatever a lab may write."""

import base64
from io import BytesIO

import pikepdf
import pytest

from review.dossier import assets
from review.dossier.child import NotPrinted, print_order
from review.dossier.render import Order, fetcher
from review.settings import asset_root

STATIC = asset_root() / "static"
STYLE = '<link rel="stylesheet" href="asset:/css/paper.css">'
HOSTILE = (
    "<script>alert(1)</script><img src=file:///etc/passwd> & &amp; {{ 7*7 }}",
    "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0633\u0644\u0627\u0645",
    "x" * 10_000,
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "null \x00 and \x07 and \x1b[31m",
    "a" + "\u0301" * 400,
)


def order(body: str, head: str = "") -> Order:
    html = f'<!doctype html><html lang="en"><head><title>T</title>{head}</head><body>{body}</body></html>'
    return Order(
        html=html,
        assets={name: base64.b64encode(data).decode() for name, data in assets.load(STATIC).items()},
        attachments=(),
        stamp="2026-03-02T14:00:00+00:00",
        identifier="00" * 16,
    )


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<p style="background: url(https://example.org/x)">x</p>',
        '<p style="content: url(//example.org/x)">x</p><img src="/etc/passwd">',
        '<svg width="9" height="9"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
        '<object data="ftp://example.org/x"></object>',
        '<img src="asset:/../../etc/passwd">',
    ],
)
def test_it_stops_at_any_file_that_is_not_ours(body: str) -> None:
    with pytest.raises(NotPrinted, match="not ours"):
        print_order(order(body))


def test_our_own_files_are_given_by_name_only() -> None:
    from weasyprint.urls import FatalURLFetchingError

    refused: list[str] = []
    closed = fetcher({"asset:/css/paper.css": b"p{}"}, refused)
    assert closed.fetch("asset:/css/paper.css").read() == b"p{}"
    for address in ("asset:/css/paper.css?x", "ASSET:/css/paper.css", "file:///css/paper.css", "data:,x"):
        with pytest.raises(FatalURLFetchingError):
            closed.fetch(address)
    assert len(refused) == 4


def test_a_document_that_never_ends_is_ended() -> None:
    with pytest.raises(NotPrinted, match="longer than it may"):
        print_order(order("<p>word</p>" * 300_000), cpu_seconds=2)


def test_a_document_that_asks_for_too_much_memory_is_ended() -> None:
    with pytest.raises(NotPrinted):
        print_order(order("<p>word</p>" * 200_000), megabytes=400, cpu_seconds=60)


def test_characters_without_a_glyph_show_their_code() -> None:
    assert assets.drawable("a \u202e b", STATIC) == "a [U+202E] b"
    assert assets.drawable("zero\x00byte", STATIC) == "zero[U+0000]byte"
    assert assets.drawable("Tomás Vega, ≤ 0.05 – “yes”", STATIC) == "Tomás Vega, ≤ 0.05 – “yes”"
    assert assets.drawable("one \u2192 two", STATIC) == "one to two"


def test_progress_names_pages_as_they_come() -> None:
    heard: list[int] = []
    print_order(order('<p style="break-after: page">x</p>' * 5, STYLE), heard.append)
    assert max(heard) >= 5


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_as_text(text: str) -> None:
    from markupsafe import escape

    body = assets.drawable(f'<div class="given"><p>{escape(text)}</p></div>', STATIC)
    pdf = print_order(order(body, STYLE), cpu_seconds=60)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert len(opened.pages) >= 1
        assert "/JavaScript" not in opened.Root.get("/Names", {})
