"""The policy is data: complete, sourced, printable, and chosen by the day of receipt."""

from datetime import date
from decimal import Decimal
from importlib.resources import files

import msgspec
import pytest

from review.rules import policy
from review.rules.vocabulary import Discipline, Track


def text_of(version: str) -> str:
    return (files("review.rules") / "policies" / f"{version}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("track", "goal", "acceptance"),
    [
        ("FULL", 30, 5),
        ("PRIORITY", 20, 3),
        ("COMPARABLE", 15, 3),
        ("SUPPLEMENT_PRIOR_APPROVAL", 15, 3),
        ("SUPPLEMENT_CHANGES_BEING_EFFECTED", 10, 0),
        ("RESUBMISSION_CLASS_1", 10, 3),
        ("RESUBMISSION_CLASS_2", 30, 3),
        ("REMAND", 15, 0),
        ("PRE_SUBMISSION", 14, 3),
        ("RESTORATION_REQUEST", 10, 0),
    ],
)
def test_each_track_has_its_goal_and_acceptance_days(track: str, goal: int, acceptance: int) -> None:
    found = policy.current().track(track)
    assert (found.goal_days, found.acceptance_business_days) == (goal, acceptance)


def test_the_policy_covers_every_track_a_filing_may_choose() -> None:
    assert set(Track) <= set(policy.current().tracks)


def test_the_last_milestone_of_every_track_is_its_goal() -> None:
    for name, track in policy.current().tracks.items():
        days = list(track.milestones.values())
        assert days == sorted(days), name
        assert track.milestones["decision"] == track.goal_days, name


def test_a_comparable_review_requires_two_disciplines_and_those_that_changed() -> None:
    track = policy.current().track(Track.COMPARABLE)
    assert set(track.required_disciplines) == {Discipline.SAFEGUARDS_SECURITY, Discipline.DEPLOYMENT_ACCESS}
    assert track.adds_changed_domains


def test_a_full_review_requires_all_six_disciplines() -> None:
    assert set(policy.current().track(Track.FULL).required_disciplines) == set(Discipline)


def test_every_value_names_its_source() -> None:
    for name, printed, source in policy.current().values():
        assert printed and source, name


def test_no_source_speaks_of_a_value_that_is_not_there() -> None:
    one = policy.current()
    for name in one.sources:
        assert one.lookup(name) is not None


def test_a_value_prints_with_its_version_and_name() -> None:
    one = policy.current()
    assert one.value("notice.window_days") == "policy 2026-1, notice.window_days = 10"
    assert one.value("tracks.FULL.goal_days") == "policy 2026-1, tracks.FULL.goal_days = 30"
    assert one.value("fairness.collateral_limit") == "policy 2026-1, fairness.collateral_limit = 0.10"
    assert one.value("information_requests.warning_days").endswith("= 30, 53")


def test_fractions_are_exact_decimals() -> None:
    assert policy.current().evidence.interval_mismatch == Decimal("0.005")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match="no value notice.windowdays"):
        policy.current().value("notice.windowdays")
    with pytest.raises(KeyError, match="no policy 1999-1"):
        policy.load("1999-1")
    with pytest.raises(KeyError, match="no track SLOW"):
        policy.current().track("SLOW")


def test_a_misspelt_value_in_the_file_is_refused() -> None:
    wrong = text_of("2026-1").replace("window_days = 10", "window_dayz = 10")
    with pytest.raises(msgspec.ValidationError, match="window_day"):
        policy.read(wrong)


def test_a_filing_is_judged_under_the_version_in_force_at_receipt() -> None:
    assert policy.in_force(date(2026, 3, 2)).version == "2026-1"
    assert policy.in_force(date(2020, 1, 1)).version == "2026-1"


@pytest.mark.parametrize(
    ("users", "critical", "code", "days"),
    [
        (0, False, "D0", 0),
        (1, False, "D1", 7),
        (10_000, False, "D1", 7),
        (10_001, False, "D2", 14),
        (10_000_001, False, "D3", 30),
        (5, True, "D3", 30),
    ],
)
def test_active_users_are_owed_grace_by_disruption_class(
    users: int, critical: bool, code: str, days: int
) -> None:
    found = policy.current().grace_days(users, critical_service=critical)
    assert (found.code, found.grace_days) == (code, days)
