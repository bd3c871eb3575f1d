"""Serves the pages with granian and keeps one worker beside them: `review serve`."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from review.records import schema
from review.records.database import Database
from review.settings import DEMONSTRATION_PASSWORD, PERSONAS, Settings

PROCESSES = 2
LOOPBACK = {"localhost": "127.0.0.1"}
"""The server binds addresses, not names."""

THREADS = 4
"""Blocking threads of each process, so that two slow uploads do not stop the site."""


def serve(settings: Settings) -> None:
    """Upgrade the schema, start the worker, serve until interrupted; then stop the worker by its process id."""
    if _taken(settings):
        raise click.ClickException(
            f"Port {settings.port} is in use. Choose another with --port, or PORT= in make run."
        )
    database = Database(settings.url)
    schema.upgrade(database)
    database.close()
    os.environ.update(environment(settings))
    with _worker(settings):
        click.echo(welcome(settings))
        Server(
            "review.web.wsgi:app",
            address=LOOPBACK.get(settings.host, settings.host),
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=PROCESSES,
            blocking_threads=THREADS,
            log_level=LogLevels.warning,
        ).serve()


def _taken(settings: Settings) -> bool:
    """Whether something answers there already; the server itself would share the port without a word."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK.get(settings.host, settings.host), settings.port)) == 0


def environment(settings: Settings) -> dict[str, str]:
    """The settings as REVIEW_* variables, for the serving processes and the worker."""
    chosen = {
        "REVIEW_DATA": str(settings.data),
        "REVIEW_DATABASE_URL": settings.database_url,
        "REVIEW_HOST": settings.host,
        "REVIEW_PORT": str(settings.port),
        "REVIEW_DEMONSTRATION": "true" if settings.demonstration else "false",
        "REVIEW_SITE_NAME": settings.site_name,
        "REVIEW_AGENCY_NAME": settings.agency_name,
        "REVIEW_ORIGIN": settings.origin,
    }
    return {key: value for key, value in chosen.items() if value}


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    command = [sys.executable, "-m", "review.cli", "work", "--data", str(settings.data)]
    child = subprocess.Popen(command, env={**os.environ, **environment(settings)})  # noqa: S603 - no word of it comes from outside
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def welcome(settings: Settings) -> str:
    """What the terminal shows: the address and, in a demonstration, who can sign in."""
    lines = ["", f"{settings.site_name} is at {settings.address}"]
    if settings.demonstration:
        width = max(len(persona.name) for persona in PERSONAS)
        lines += ["", "Sign in with one click as:"]
        lines += [f"  {persona.name:{width}}  {persona.title}" for persona in PERSONAS]
        lines += ["", f"The password of all, for signing: {DEMONSTRATION_PASSWORD}"]
    return "\n".join([*lines, "", "Stop with Ctrl-C.", ""])
