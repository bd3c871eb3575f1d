"""One whole case on PostgreSQL: the same acts, the same record, and a clean verification."""

from pathlib import Path

import pytest
from sqlalchemy import select

from review import worklists
from review.acts.perform import newest_event, run_due
from review.casefile import gather
from review.demo.play import TEAM
from review.records import store, verification
from review.records.tables import record
from review.rules.given import ItemAnswer, Reason
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Outcome, Role, State
from tests.builders import LAB, ask, condition, found_world

pytestmark = pytest.mark.postgres


def test_a_case_goes_from_draft_to_restriction_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    world = found_world(tmp_path, postgres_url)
    office = world.office
    play = world.review()
    ask(play)
    world.days_later(30)
    assert run_due(office) == 1 and run_due(office) == 0
    play.do(LAB, Act.ANSWER_ITEM, ItemAnswer(item_id="Q-1", answer="0.41, of 256."))
    play.do(LAB, Act.RESPOND_TO_INFORMATION_REQUEST)
    restricted = world.decided(Outcome.RESTRICT)
    assert restricted.case.state is State.DECIDED_RESTRICTED
    with pytest.raises(Refused):
        restricted.do(TEAM[Role.LEAD], Act.DRAFT_NOTICE, Reason(reason="Too late."))
    found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
    assert found.findings == () and found.events > 150

    with office.database.reading() as conn:
        case, replayed = gather.records_at(conn, restricted.case_id, newest_event(conn, restricted.case_id))
        stored = (
            conn.execute(select(record.c.body).where(record.c.case_id == restricted.case_id)).scalars().all()
        )
        kinds = {
            type(one) for one in map(store.decode, *zip(*_documents(conn, restricted.case_id), strict=True))
        }
        again = [store.encode(one) for kind in kinds for one in replayed.all(kind)]
        assert case == restricted.case and sorted(again) == sorted(stored)
        manager = gather.actor(conn, world.people["amara.diallo@agency.example"])
        lines, _ = worklists.case_list(conn, manager, restricted.facts().today, search="calder")
        assert {line.id for line in lines} == {play.case_id, restricted.case_id}
        [public], _ = worklists.register(conn, restricted.facts().today)
        assert public.kinds == (condition().condition.type.value,)
    office.database.close()


def _documents(conn, case_id: str) -> list[tuple[str, str]]:
    statement = select(record.c.kind, record.c.body).where(record.c.case_id == case_id)
    return [(kind, body) for kind, body in conn.execute(statement)]
