"""A case reaches every state in which it can stay, and the record then verifies."""

import pytest

from review.records import verification
from review.rules.vocabulary import State
from tests.builders import World

STAYS = [state for state in State if state.value not in {"SUBMITTED", "NOTICE_OF_INTENDED_DECISION"}]
BY_TIME_OR_WILL = {State.WITHDRAWN, State.WITHDRAWN_DEEMED, State.CLOSED_INACTIVE}


@pytest.mark.parametrize("state", [state for state in STAYS if state not in BY_TIME_OR_WILL])
def test_a_case_reaches_the_state_and_the_record_verifies(world: World, state: State) -> None:
    play = world.in_state(state)
    assert play.case.state is state
    office = world.office
    found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
    assert found.findings == ()
