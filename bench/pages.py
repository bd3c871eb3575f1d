"""List and detail page: CPU of a request against a minimal Flask + SQLAlchemy page that runs the same statements."""

import time
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy import event as happening

from bench.dockets import docket
from review.web import create_app
from tests.builders import World

ROUNDS = 40
LIMIT_RATIO, LIMIT_GROWTH, LIMIT_LIST, LIMIT_DETAIL = 4.5, 1.3, 6, 10
LEAD = "daniel.reyes@agency.example"
FLOOR_PAGE = """<!doctype html><title>{{ title }}</title><table>{% for row in rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""
Statement = tuple[str, Any]


def main() -> None:
    """Print the table; every line ends with its limit."""
    print(f"{'page':8} {'cases':>6} {'statements':>10} {'ours ms':>8} {'floor ms':>8} {'ratio':>6}")
    ours: dict[tuple[str, int], float] = {}
    for count in (200, 2_000):
        world, case_id = docket(count)
        client = signed_in(world)
        for name, path, limit in (
            ("list", "/cases", LIMIT_LIST),
            ("detail", f"/cases/{case_id}/now", LIMIT_DETAIL),
        ):
            statements = recorded(world.office.database.engine, client, path)
            mine, base = cpu(client, path, floor_client(world.office.database.engine, statements))
            ours[name, count] = mine
            print(
                f"{name:8} {count:6} {len(statements):10} {mine * 1e3:8.2f} {base * 1e3:8.2f} {mine / base:6.2f}"
                f"  (at most {LIMIT_RATIO}; {limit} statements)"
            )
        world.office.database.close()
    for name in ("list", "detail"):
        growth = ours[name, 2_000] / ours[name, 200]
        print(f"{name}: growth from 200 to 2,000 cases {growth:.2f} (at most {LIMIT_GROWTH})")


def signed_in(world: World) -> FlaskClient:
    """A client in which the lead is signed in, as the demonstration's sign-in does it."""
    client = create_app(world.office).test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = client.post("/sign-in/as", data={"csrf_token": token, "persona": LEAD})
    assert answer.status_code == 303, answer.status_code
    return client


def recorded(engine: Engine, client: FlaskClient, path: str) -> list[Statement]:
    """The SELECTs of one request, after a cold start."""
    found: list[Statement] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    happening.listen(engine, "before_cursor_execute", note)
    client.get(path)
    happening.remove(engine, "before_cursor_execute", note)
    return found


def floor_client(engine: Engine, statements: list[Statement]) -> FlaskClient:
    """The least that Flask and SQLAlchemy can do with the same statements: run them, print the rows."""
    app = Flask("floor")

    @app.get("/")
    def page() -> str:
        with engine.connect().execution_options(writes=False) as connection, connection.begin():
            rows = [
                row for text, given in statements for row in connection.exec_driver_sql(text, given).all()
            ]
        return render_template_string(FLOOR_PAGE, title="Floor", rows=rows)

    return app.test_client()


def cpu(client: FlaskClient, path: str, floor: FlaskClient) -> tuple[float, float]:
    """CPU seconds of one request to us and to the floor, in turns: the least of several, which other work on the
    machine disturbs least."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        for found, one, address in ((ours, client, path), (theirs, floor, "/")):
            start = time.process_time()
            one.get(address)
            found.append(time.process_time() - start)
    return min(ours), min(theirs)


if __name__ == "__main__":
    main()
