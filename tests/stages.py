"""Cases taken once to where many tests start, kept as data folders and copied: a copy is a house of its own."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from review.acts.office import Office
from review.acts.perform import run_due
from review.demo.house import Chance, ScriptedClock
from review.demo.play import TEAM, Play
from review.package import Package, prepared
from review.rules.given import Advice, Reason
from review.rules.vocabulary import Act, Outcome, Role, State
from review.settings import Settings
from tests.builders import CHEAP, World, ask, found_world, memo, people_of, proposal

STAYS = [state for state in State if state not in {State.SUBMITTED, State.NOTICE_OF_INTENDED_DECISION}]
"""States in which a case can stay; the other two are passed within one act."""

PANEL = Advice(
    members="Five members, none with an interest.",
    question="May the weights be released?",
    advice="Not before the gate is tested.",
    votes="4 to 1",
)


def open_weights_package() -> Package:
    """A filing whose deployment plan releases the weights."""
    package = prepared("tern-2")
    plan = msgspec.json.encode(package.answers["deployment_plan"]).replace(b'"T3"', b'"T5"')
    answers = {**package.answers, "deployment_plan": msgspec.json.decode(plan)}
    return msgspec.structs.replace(package, answers=answers)


def _folder(what: str) -> Path:
    """A folder that lasts as long as the process."""
    made = Path(tempfile.mkdtemp(prefix=f"review-{what}-{os.getpid()}-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _withdrawn(world: World) -> Play:
    play = world.review()
    play.do(play.lab, Act.WITHDRAW, Reason(reason="The release is put off."))
    return play


def _deemed(world: World) -> Play:
    play = ask(world.review())
    for days in (30, 23, 8):
        world.days_later(days)
        run_due(world.office)
    return play


def _closed(world: World) -> Play:
    play = world.in_state(State.REFUSED_TO_ACCEPT)
    for days in (53, 8):
        world.days_later(days)
        run_due(world.office)
    return play


def _open_weights_review(world: World) -> Play:
    play = world.play().prepare_filing(open_weights_package()).submit().assign(Role.INTAKE, Role.LEAD)
    play.answer_checklist().accept()
    play.assign(Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER).assign_reviewers()
    return play


def _open_weights_pending(world: World) -> Play:
    play = _open_weights_review(world).conclude_rest().recommend(memo(Outcome.APPROVE))
    play.do(TEAM[Role.LEAD], Act.FORWARD_CLEAN)
    return play.propose(Act.DRAFT_DECISION, proposal(Outcome.APPROVE)).counsel("decision")


def _ready_to_recommend(world: World) -> Play:
    play = world.review().conclude_rest()
    play.do(TEAM[Role.LEAD], Act.DRAFT_MEMO, memo(Outcome.APPROVE))
    return play


def _notice_drafted(world: World) -> Play:
    play = world.recommended(Outcome.RESTRICT)
    return play.propose(Act.DRAFT_NOTICE, proposal(Outcome.RESTRICT)).counsel("notice")


BUILD: dict[str, Callable[[World], Play]] = {
    **{state.value: (lambda world, state=state: world.in_state(state)) for state in STAYS},  # type: ignore[misc]
    "WITHDRAWN": _withdrawn,
    "WITHDRAWN_DEEMED": _deemed,
    "CLOSED_INACTIVE": _closed,
    "open weights, in review": _open_weights_review,
    "open weights, decision drafted": _open_weights_pending,
    "ready to recommend": _ready_to_recommend,
    "restriction recommended": lambda world: world.recommended(Outcome.RESTRICT),
    "notice drafted": _notice_drafted,
    "restriction pending": lambda world: world.pending(Outcome.RESTRICT),
    "denial pending": lambda world: world.pending(Outcome.DENY),
}


class _Built(msgspec.Struct, frozen=True):
    data: Path
    case_id: str
    lab: str
    at: datetime


@cache
def _built(name: str) -> _Built:
    data = _folder("stage")
    world = found_world(data)
    play = BUILD[name](world)
    world.office.database.close()
    return _Built(data, play.case_id, play.lab, world.clock.at)


def copy_of(name: str | State, data: Path) -> tuple[World, Play]:
    """A house of its own in which one case stands at the stage named."""
    built = _built(name.value if isinstance(name, State) else name)
    shutil.copytree(built.data, data, dirs_exist_ok=True)
    clock, chance = ScriptedClock(built.at), Chance(f"copy {data}")
    settings = Settings(data=data, demonstration=True)
    office = Office(settings, clock=clock, ids=chance.ids, salts=chance.salts, hasher=CHEAP)
    world = World(office, people_of(office.database), clock)
    return world, world.play(built.lab, built.case_id)


@cache
def standing(name: str | State) -> Play:
    """A case at a stage for reading alone: one house for all tests of a process."""
    return copy_of(name, _folder("read"))[1]
