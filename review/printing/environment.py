"""One template environment for pages and documents, so that a page and its printed sibling say the same words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from review.printing import filters
from review.printing.charts.small_bars import limit_bar, progress_bar
from review.printing.charts.squares import discipline_squares, grade_squares
from review.printing.links import Assets

AGENCY_ZONE = "America/New_York"


def make_environment(
    template_dir: Path,
    *,
    asset_root: str = "/static",
    asset_version: str = "",
    zone: str = AGENCY_ZONE,
    cache_dir: Path | None = None,
) -> Environment:
    """The environment that renders every page and every document.

    `asset_root` is the address before each file of ours, `asset_version` a mark that changes when they change.
    `zone` is the agency's time zone (IANA name), used for every local time. `cache_dir` keeps compiled templates
    between processes; without it they are kept in memory only. A name that a template does not get is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(template_dir),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=FileSystemBytecodeCache(str(cache_dir)) if cache_dir else None,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=cache_dir is None,
    )
    furnish(environment, asset_root=asset_root, asset_version=asset_version, zone=zone)
    return environment


def furnish(environment: Environment, *, asset_root: str, asset_version: str, zone: str) -> None:
    """Give an environment our filters and names. Use it on an environment that somebody else made."""
    environment.filters.update(
        day=partial(filters.day, zone=zone),
        day_words=partial(filters.day_words, zone=zone),
        short_day=partial(filters.short_day, zone=zone),
        day_range=partial(filters.day_range, zone=zone),
        relative_day=partial(filters.relative_day, zone=zone),
        moment=partial(filters.moment, zone=zone),
        local_time=partial(filters.local_time, zone=zone),
        record_time=partial(filters.record_time, zone=zone),
        number=filters.number,
        percent=filters.percent,
        file_size=filters.file_size,
        spelled=filters.spelled,
        counted=filters.counted,
        join_words=filters.join_words,
        digest_groups=filters.digest_groups,
        short_digest=filters.short_digest,
        paragraphs=filters.paragraphs,
        whole_numbers=filters.whole_numbers,
        condition_sentence=filters.condition_sentence,
    )
    environment.globals.update(
        asset=Assets(root=asset_root, version=asset_version).address,
        maybe=maybe,
        measured=filters.measured,
        interval=filters.interval,
        progress_bar=progress_bar,
        limit_bar=limit_bar,
        discipline_squares=discipline_squares,
        grade_squares=grade_squares,
    )


def maybe(thing: object, name: str, otherwise: object = None) -> object:
    """A field that a value may leave out: `thing.name` or `thing["name"]`, else `otherwise`.

    Components take plain mappings and frozen structs alike; this keeps strictness for everything that is required.
    """
    if isinstance(thing, Mapping):
        return thing.get(name, otherwise)
    return getattr(thing, name, otherwise)
