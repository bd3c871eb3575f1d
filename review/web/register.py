"""The public register: what was decided, in one sentence each, and pages that explain how it works."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import select

from review import worklists
from review.audit import checkpoint as notes
from review.audit import ledger
from review.printing.filters import join_words
from review.records.tables import cases
from review.rules import policy
from review.rules.condition_types import ConditionType
from review.rules.days import add_business_days, calendar_of
from review.rules.permissions import WHO
from review.rules.vocabulary import Outcome, Role
from review.web.access import page
from review.web.here import Here
from review.worklists import RegisterLine

blueprint = Blueprint("register", __name__)

NEWEST = 6
LONGEST_SEARCH = 200
OUTCOMES = {Outcome.APPROVE: "Approved", Outcome.RESTRICT: "Restricted", Outcome.DENY: "Denied"}
GUIDES = {
    "days": "How days are counted",
    "receipts": "How to check a receipt",
    "roles": "Who does what",
    "signing": "What a signature says",
}
ROLE_DOES: dict[Role, str] = {
    Role.LAB_RA: "Files for the lab, signs the filing, answers questions and notices.",
    Role.LAB_ENG: "Attaches evidence and confirms the numbers that were read from it.",
    Role.DOCKET_MANAGER: "Assigns people to cases and verifies labs. Sees who works on what, and no content.",
    Role.INTAKE: "Screens a filing for completeness, not for merit.",
    Role.REVIEWER: "Reviews one or more of the six disciplines, writes findings and signs the review.",
    Role.LEAD: "Leads the team, issues questions, writes the memo and recommends.",
    Role.COUNSEL: "Says whether a notice or decision is legally sufficient, not whether it is right.",
    Role.SIGNATORY: "Issues notices and decides.",
    Role.RATIFIER: "Ratifies a decision on open weights, in which the ratifier took no part.",
    Role.AUDITOR: "Reads everything, changes nothing, checks the record.",
    Role.SYS_ADMIN: "Invites people and grants roles, two administrators for each. Sees no case.",
}


@page(blueprint, "/", get="public", endpoint="front")
def front(here: Here) -> str:
    """The front page: search, and the newest decisions in one sentence each."""
    lines, _ = worklists.register(here.conn, denials_until(here.today), limit=NEWEST)
    return here.render(
        "register/front.html", title=here.office.settings.site_name, lines=[shown(x) for x in lines]
    )


@page(blueprint, "/register", get="public", endpoint="register")
def register(here: Here) -> str:
    """Every decision that the public may read, newest first."""
    search = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    after = request.args.get("after", "")[:80]
    lines, more = worklists.register(here.conn, denials_until(here.today), search=search, after=after)
    return here.render(
        "register/list.html",
        title="Register",
        lines=[shown(line) for line in lines],
        search=search,
        after=after,
        older={"q": search, "after": more} if more else None,
    )


@page(blueprint, "/register/<id>", get="public", endpoint="decision")
def decision(here: Here, id: str) -> str:
    """One decision: docket number, lab, model, outcome, date and kinds of condition, and no more."""
    line = find(here, id)
    if line is None:
        abort(404)
    return here.render(
        "register/decision.html", title=f"{name_of(line)}, {OUTCOMES[line.outcome].lower()}", line=shown(line)
    )


@page(blueprint, "/checkpoint", get="public", endpoint="checkpoint")
def checkpoint(here: Here) -> Response:
    """The newest signed checkpoint as text (C2SP tlog-checkpoint), for anybody to keep."""
    newest = ledger.newest_checkpoint(here.conn)
    if newest is None:
        abort(404)
    return Response(newest.note, mimetype="text/plain")


@page(blueprint, "/guidance", get="public", endpoint="guidance")
def guidance(here: Here) -> str:
    """The list of plain pages."""
    return here.render("guidance/list.html", title="Guidance", guides=GUIDES)


@page(blueprint, "/guidance/<name>", get="public", endpoint="guide")
def guide(here: Here, name: str) -> str:
    """One plain page."""
    if name not in GUIDES:
        abort(404)
    settings = here.office.settings
    return here.render(
        f"guidance/{name}.html",
        title=GUIDES[name],
        guides=GUIDES,
        policy=policy.current(),
        roles=[(role.label, does) for role, does in ROLE_DOES.items()],
        who=WHO,
        vkey=notes.vkey(settings.origin, here.office.key.public_key()) if name == "receipts" else "",
    )


def denials_until(today: date) -> date:
    """The last day whose denials the public may read today: business days after the decision."""
    rules = policy.current()
    calendar = calendar_of(rules.agency.holiday_calendar)
    day = today
    while add_business_days(day, rules.publication.public_denial_business_days, calendar) > today:
        day -= timedelta(days=1)
    return day


def find(here: Here, id: str) -> RegisterLine | None:
    """One line of the register, through the same list, so that it never shows more than the list does."""
    number = here.conn.execute(select(cases.c.number).where(cases.c.id == id)).scalar_one_or_none()
    if not number:
        return None
    lines, _ = worklists.register(here.conn, denials_until(here.today), search=number)
    return next((line for line in lines if line.id == id), None)


def name_of(line: RegisterLine) -> str:
    """What the decision is about: the deployed configuration, or the model."""
    return line.configuration or line.model


def shown(line: RegisterLine) -> dict[str, Any]:
    """A line as pages print it, with its one sentence."""
    kinds = [ConditionType(kind).label for kind in line.kinds]
    return {
        "line": line,
        "name": name_of(line),
        "outcome": OUTCOMES[line.outcome],
        "kinds": kinds,
        "sentence": sentence(line, kinds),
        "href": f"/register/{line.id}",
    }


def sentence(line: RegisterLine, kinds: list[str]) -> str:
    """What a decision means, for somebody who reads nothing else."""
    model = name_of(line)
    match line.outcome:
        case Outcome.APPROVE:
            return f"{line.lab} may release {model} as filed."
        case Outcome.RESTRICT:
            about = join_words([kind.lower() for kind in kinds])
            return f"{line.lab} may release {model} under conditions" + (f" on {about}." if about else ".")
        case Outcome.DENY:
            return f"{line.lab} may not release {model} as filed."
