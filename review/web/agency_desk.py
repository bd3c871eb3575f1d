"""The desk of agency people: what each must do by when, what waits for others, and each role's own table."""

from datetime import date, timedelta
from typing import Any

from flask import Response, make_response, url_for

from review import worklists
from review.printing.filters import counted, relative_day, spelled
from review.rules.clock import calendar_of
from review.rules.vocabulary import Role, Turn
from review.web.agency_brief import concurrences, decisions, lead_cases
from review.web.here import Here
from review.web.places import address

MOST_TASKS = 50
MOST_WAITING = 25
"""Rows that a desk shows; the rest follow as these are done, and every case is in the list of cases."""


def agency_desk(here: Here) -> Response:
    """The first screen of everybody in the agency who works on cases."""
    tasks = worklists.tasks(here.conn, here.person, here.today)
    busy = {task.case_id for task in tasks}
    waiting = worklists.waiting(here.conn, here.person, here.today, busy)
    roles = here.person.roles
    own = lead_cases(here) if Role.LEAD in roles else []
    due = decisions(here) if Role.SIGNATORY in roles else []
    asked = concurrences(here) if Role.COUNSEL in roles else []
    covered = {row["case_id"] for row in own} | {row["case_id"] for row in due}
    others = [_waiting(line, here.today) for line in waiting if line.id not in covered]
    body = here.render(
        "agency/desk.html",
        title="Desk",
        heading=heading(here, len(tasks)),
        sub=_sub(tasks, len(waiting), here.today),
        tasks=[_task(task, n, here.today) for n, task in enumerate(tasks[:MOST_TASKS])],
        more_tasks=max(0, len(tasks) - MOST_TASKS),
        waiting=others[:MOST_WAITING],
        more_waiting=len(others) > MOST_WAITING,
        week=_week(here, tasks),
        week_entries=_week_entries(here, tasks),
        news=_news(here),
        lead_rows=own,
        decision_rows=due,
        brief=due[0]["brief"] if due and due[0]["brief"] else None,
        concurrence_rows=asked,
        empty_words=_empty_words(roles),
        today=here.today,
    )
    return make_response(body)


def heading(here: Here, count: int) -> str:
    """`Ines, four things need you`."""
    first = here.person.name.split()[0] if here.person.name else "Welcome"
    if count == 0:
        return f"{first}, nothing needs you"
    if count >= 200:
        return f"{first}, 200 things or more need you"
    return f"{first}, {counted(count, 'thing')} {'needs' if count == 1 else 'need'} you"


def _sub(tasks: tuple[worklists.Task, ...], waiting: int, today: date) -> str:
    late = sum(task.days_left is not None and task.days_left < 0 for task in tasks)
    parts = []
    if late:
        parts.append(f"{spelled(late).capitalize()} {'is' if late == 1 else 'are'} late.")
    coming = next((t for t in tasks if t.due_on and t.days_left is not None and t.days_left >= 0), None)
    if coming and coming.due_on:
        parts.append(f"The next is due {relative_day(coming.due_on, today)}, {coming.due_on:%A %-d %B}.")
    if waiting:
        parts.append(
            f"{'At least ' if waiting >= 50 else ''}{counted(waiting, 'case').capitalize()} {'waits' if waiting == 1 else 'wait'} for others."
        )
    return " ".join(parts)


def _task(task: worklists.Task, place: int, today: date) -> dict[str, Any]:
    due = None
    if task.days_left is not None and task.due_on is not None:
        words = relative_day(task.due_on, today)
        if task.days_left < 0:
            due = {"label": words, "kind": "late"}
        elif task.days_left <= 2:
            due = {"label": words.capitalize(), "kind": "soon"}
    return {
        "due": due,
        "day": task.due_on,
        "date_note": relative_day(task.due_on, today) if task.due_on and due is None else None,
        "title": task.task,
        "name": task.title,
        "meta": f" · {task.lab} · {task.number}",
        "sentence": task.detail,
        "button": {
            "label": task.button,
            "href": address(task.case_id, task.place),
            "primary": place == 0,
        },
    }


def _waiting(line: worklists.CaseLine, today: date) -> dict[str, Any]:
    reading = line.clock
    meta = ""
    if reading is not None and not reading.ended:
        state = "Clock runs" if reading.running else "Clock held"
        meta = f"{state}, review day {reading.review_days} of {reading.allowed_days}"
    return {
        "title": line.title,
        "href": url_for("agency.now", case_id=line.id),
        "meta": f"{line.lab} · {line.number}",
        "turn": line.turn.value.lower(),
        "waiting": line.waiting_for if line.waiting_for.endswith(".") else f"{line.waiting_for}.",
        "waiting_meta": meta,
        "since": line.since,
        "since_meta": counted((today - line.since).days, "day", words=False),
        "nobody": line.turn is Turn.NOBODY,
    }


def _working_days(here: Here) -> list[date]:
    calendar = calendar_of(here.facts.policy.agency.holiday_calendar)
    found: list[date] = []
    day = here.today
    while len(found) < 5:
        if calendar.is_business_day(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def _week(here: Here, tasks: tuple[worklists.Task, ...]) -> list[dict[str, Any]]:
    return [
        {
            "weekday": f"{day:%a}",
            "number": day.day,
            "count": sum(task.due_on == day for task in tasks),
            "today": day == here.today,
        }
        for day in _working_days(here)
    ]


def _week_entries(here: Here, tasks: tuple[worklists.Task, ...]) -> list[dict[str, str]]:
    days = set(_working_days(here))
    return [
        {"day": f"{task.due_on:%a %-d}", "text": f"{task.task}, {task.title}"}
        for task in tasks
        if task.due_on in days and task.due_on is not None
    ][:5]


def _news(here: Here) -> list[dict[str, Any]]:
    return [
        {
            "href": url_for("agency.now", case_id=one.case_id) if one.case_id else url_for("agency.desk"),
            "label": one.subject,
            "text": "",
            "at": one.created_at,
        }
        for one in worklists.messages(here.conn, here.person)
    ]


def _empty_words(roles: frozenset[Role]) -> tuple[str, str]:
    """What comes to this desk, and how."""
    if Role.INTAKE in roles:
        return "No filing waits for screening", "New ones arrive here by themselves, the most urgent first."
    if Role.DOCKET_MANAGER in roles:
        return "Every case has its people", "A filing that needs an assignment arrives here by itself."
    if Role.COUNSEL in roles:
        return "Nobody asks for your concurrence", "A notice or decision arrives here when it is drafted."
    if Role.SIGNATORY in roles:
        return "No decision waits for you", "A recommendation arrives here when the lead has signed it."
    return "Nothing waits for you", "A case arrives here when somebody assigns you to it."
