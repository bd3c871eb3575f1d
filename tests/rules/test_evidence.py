"""Numbers are judged exactly: intervals, lines, grades, and what a claim still lacks."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.rules.evidence import (
    Claim,
    ClaimStatus,
    Elicitation,
    Executor,
    GradeLetter,
    Interval,
    ItemFacts,
    LineSide,
    Measurement,
    MetricType,
    Reach,
    Safeguards,
    claims_without_evidence,
    domain_of,
    elicitation_of,
    executor_of,
    facts_of,
    grade,
    grade_of_item,
    interval_of,
    interval_text,
    metric_type_of,
    number_text,
    passes_at,
    places_for,
    reaches,
    rests_on_graded,
    safeguards_of,
    share_text,
    supports_not_reached,
    value_text,
    wilson,
    wilson_interval,
)
from review.rules.vocabulary import Domain

# Wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, "0.4902", "0.9433"),
        (0, 100, "0.0000", "0.0370"),
        (4, 200, "0.0078", "0.0503"),
        (3, 200, "0.0051", "0.0432"),
        (10, 200, "0.0274", "0.0896"),
        (71, 200, "0.2920", "0.4235"),
        (6, 40, "0.0706", "0.2907"),
    ],
)
def test_wilson_gives_the_worked_numbers(successes: int, n: int, low: str, high: str) -> None:
    assert interval_text(wilson_interval(successes, n), 4) == f"{low} to {high}"


def test_the_ends_of_the_scale_are_exact() -> None:
    assert wilson(0, 40)[0] == 0
    assert wilson(40, 40)[1] == 1
    assert wilson_interval(0, 40).low == "0"


@pytest.mark.parametrize(
    ("successes", "n", "level"), [(1, 0, "0.95"), (-1, 4, "0.95"), (5, 4, "0.95"), (1, 4, "1")]
)
def test_what_is_no_proportion_or_level_is_refused(successes: int, n: int, level: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        wilson(successes, n, level)


def test_an_upper_bound_of_005_over_200_attempts_passes_at_3_and_fails_at_4() -> None:
    assert passes_at(200, "0.05") == 3
    assert passes_at(20, "0.05") is None


@given(st.integers(1, 5000), st.data())
def test_wilson_contains_the_share_and_stays_within_the_scale(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    low, high = wilson(successes, n)
    assert 0 <= low <= Decimal(successes) / n <= high <= 1


# Which interval is shown


def proportion(**changed: Any) -> Measurement:
    return msgspec.structs.replace(Measurement(value="0.355", n=200, is_proportion=True), **changed)


def test_for_a_confirmed_proportion_we_compute_the_interval() -> None:
    found = interval_of(proportion())
    assert found.shown == wilson_interval(71, 200)
    assert found.notes == ("We computed the interval from 71 of 200 (Wilson). The file names none.",)


def test_a_full_precision_share_is_still_a_whole_count() -> None:
    assert interval_of(proportion(value="0.6666666666666666", n=3)).shown == wilson_interval(2, 3)


def test_nothing_is_computed_without_a_persons_confirmation() -> None:
    found = interval_of(proportion(is_proportion=False, stderr="0.0339"))
    assert (found.shown, found.other) == (None, None)
    assert found.notes == ("The file gives a standard error of 0.0339 and no interval.",)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"value": "0.667", "n": 4}, "No interval was computed: 0.667 × 4 = 2.668 is not a whole number."),
        ({"n": None}, "No interval was computed: the number of items is not known."),
        ({"value": "71"}, "No interval was computed: 71 is no share between 0 and 1."),
        ({"value": "NaN"}, "No interval was computed: NaN is no share between 0 and 1."),
        ({"successes": 9, "n": 4}, "9 of 4 is no proportion."),
    ],
)
def test_where_nothing_can_be_computed_we_say_why(changed: dict[str, Any], says: str) -> None:
    found = interval_of(proportion(**changed))
    assert found.shown is None
    assert says in found.notes


def test_a_file_that_names_wilson_wrongly_is_refused() -> None:
    found = interval_of(
        proportion(
            successes=71, stated_low="0.31", stated_high="0.40", stated_level="0.95", stated_method="WILSON"
        )
    )
    assert found.refused
    assert found.shown is None
    assert found.notes == (
        "The file names a Wilson interval of 0.310 to 0.400. 71 of 200 gives 0.292 to 0.423.",
    )


def test_a_wilson_interval_within_the_tolerance_stands() -> None:
    stated = {
        "stated_low": "0.2949",
        "stated_high": "0.4234",
        "stated_level": "0.95",
        "stated_method": "WILSON",
    }
    found = interval_of(proportion(**stated))
    assert not found.refused
    assert found.shown is not None
    assert found.shown.low == "0.2949"
    assert interval_of(proportion(**{**stated, "stated_low": "0.2975"})).refused
    assert not interval_of(proportion(**{**stated, "stated_low": "0.2975"}), Decimal("0.01")).refused


def test_an_interval_of_another_kind_is_kept_beside_ours_with_a_warning() -> None:
    found = interval_of(
        proportion(
            stated_low="0.25", stated_high="0.46", stated_level="0.95", stated_method="CLUSTER_BOOTSTRAP"
        )
    )
    assert not found.refused
    assert found.shown is not None
    assert (found.shown.low, found.shown.computed) == ("0.25", False)
    assert found.other == wilson_interval(71, 200)
    assert found.notes == (
        "The file states 0.250 to 0.460. We compute 0.292 to 0.423 from 71 of 200 (Wilson).",
    )


def test_an_interval_that_is_none_is_not_shown() -> None:
    found = interval_of(Measurement(value="3.1", stated_low="4", stated_high="2"))
    assert found.shown is None
    assert found.notes == ("The file's interval, 4 to 2, is none.",)


NUMBERS = st.one_of(
    st.decimals().map(str),
    st.text(max_size=8),
    st.sampled_from(["1E+999999", "-1e400", "9" * 5000, "NaN", "sNaN", "Infinity", "0.5", "1", "1_0"]),
)


@given(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, st.none() | st.integers(-1, 9))
def test_no_number_of_a_hostile_file_breaks_the_reading(
    value: str, low: str | None, high: str | None, level: str | None, n: int | None
) -> None:
    for method in (None, "WILSON"):
        found = interval_of(
            Measurement(
                value=value,
                n=n,
                is_proportion=True,
                stated_low=low,
                stated_high=high,
                stated_level=level,
                stated_method=method,
            )
        )
        assert len(value_text(value, found.shown)) < 5200
        if found.shown:
            assert reaches(found.shown, "0.5") in Reach


# Lines


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        ("0.40", "0.50", Reach.REACHES),
        ("0.399999", "0.50", Reach.CANNOT_RULE_OUT),
        ("0.30", "0.40", Reach.CANNOT_RULE_OUT),
        ("0.30", "0.399999", Reach.DOES_NOT_REACH),
    ],
)
def test_a_line_is_reached_at_its_lower_bound_and_ruled_out_below_its_upper(
    low: str, high: str, word: Reach
) -> None:
    assert reaches(Interval(low=low, high=high), "0.40") is word


def test_where_less_is_the_concern_the_line_is_read_from_the_other_side() -> None:
    recall = Interval(low="0.90", high="0.94")
    assert reaches(recall, "0.95", LineSide.AT_OR_BELOW) is Reach.REACHES
    assert reaches(recall, "0.92", LineSide.AT_OR_BELOW) is Reach.CANNOT_RULE_OUT
    assert reaches(recall, "0.89", LineSide.AT_OR_BELOW) is Reach.DOES_NOT_REACH


def test_a_printed_bound_never_contradicts_its_word() -> None:
    close = Interval(low="0.30", high="0.3996")
    assert places_for(close, "0.40") == 4
    assert value_text("0.35", close, places_for(close, "0.40")) == "0.3500 (0.3000 to 0.3996)"
    assert places_for(Interval(low="0.292", high="0.4235"), "0.40") == 3
    assert places_for(Interval(low="0.30", high="0.39999999"), "0.40") == 8


def test_zero_of_n_rules_a_tier_out_only_below_a_line_named_beforehand() -> None:
    none_of_forty = wilson_interval(0, 40)
    assert supports_not_reached(none_of_forty, "0.25")
    assert not supports_not_reached(none_of_forty, "0.05")
    assert not supports_not_reached(none_of_forty, None)
    assert not supports_not_reached(None, "0.25")


def test_numbers_print_as_the_pages_show_them() -> None:
    assert value_text("0.355", wilson_interval(71, 200)) == "0.355 (0.292 to 0.423)"
    assert value_text("0.355") == "0.355"
    assert share_text(71, 200) == "71 of 200"
    assert share_text(1286, 20000) == "1,286 of 20,000"
    assert number_text("1286") == "1,286"
    assert number_text("142.06781") == "142.068"
    assert [number_text(word) for word in ("NaN", "Infinity", "-Infinity", "missing")] == [
        "not a number",
        "infinity",
        "minus infinity",
        "missing",
    ]


# Grades


BEST = ItemFacts(
    number="EV-07",
    domain=Domain.CYBER,
    executor=Executor.INDEPENDENT_EXTERNAL,
    independence_attested=True,
    elicitation=Elicitation.L3,
    safeguards=Safeguards.OFF_HELPFUL_ONLY,
    has_interval=True,
    hashed=True,
    final_checkpoint=True,
)


@pytest.mark.parametrize(
    ("changed", "letter"),
    [
        ({}, "E1"),
        ({"executor": Executor.GOVERNMENT, "independence_attested": False}, "E1"),
        ({"independence_attested": False}, "E2"),
        ({"executor": Executor.DEVELOPER}, "E2"),
        ({"executor": Executor.DEVELOPER_CONTRACTED_EXTERNAL}, "E2"),
        ({"executor": None}, "E2"),
        ({"elicitation": Elicitation.L2}, "E2"),
        ({"elicitation": Elicitation.L2, "executor": Executor.DEVELOPER}, "E2"),
        ({"final_checkpoint": False, "bridged": True}, "E2"),
        ({"has_interval": False}, "E3"),
        ({"elicitation": Elicitation.L1}, "E3"),
        ({"elicitation": Elicitation.L0}, "E3"),
        ({"elicitation": None}, "E3"),
        ({"final_checkpoint": False}, "E3"),
        ({"qualitative": True}, "E4"),
        ({"hashed": False}, "E4"),
        ({"finished": False}, "NONE"),
    ],
)
def test_the_grade_follows_from_the_facts(changed: dict[str, Any], letter: str) -> None:
    assert grade(msgspec.structs.replace(BEST, **changed)).letter == letter


def test_a_grade_says_why_and_what_keeps_it_from_a_better_one() -> None:
    assert grade(BEST).sentence == "Independent, L3, interval, hashed log, final checkpoint."
    scaffold = grade(msgspec.structs.replace(BEST, elicitation=Elicitation.L2))
    assert scaffold.held_back_by == ("elicitation below L3",)
    assert grade(msgspec.structs.replace(BEST, has_interval=False)).because == ("independent", "no interval")


def test_a_decisive_finding_needs_one_item_of_the_better_grades() -> None:
    assert rests_on_graded([GradeLetter.E4, GradeLetter.E2])
    assert not rests_on_graded([GradeLetter.E3, GradeLetter.E4])


class File(msgspec.Struct):
    sha256: str = "9f4c"


class Kept(msgspec.Struct):
    value: str = "0.355"
    stderr: str | None = None
    stated_low: str | None = None
    stated_high: str | None = None
    stated_level: str | None = None
    n: int | None = 200
    metric_type: str | None = "PROPORTION"
    confirmed_by: str = "person-7"


class Record(msgspec.Struct):
    number: str = "EV-07"
    domain: Domain = Domain.CYBER
    status: str = "complete"
    files: tuple[File, ...] = (File(),)
    attributes: dict[str, Any] = {}
    measurements: tuple[Kept, ...] = (Kept(),)


ATTRIBUTES = {
    "executor": "INDEPENDENT_EXTERNAL",
    "independence_attested": True,
    "elicitation_level": "L3",
    "safeguards_state": "OFF_HELPFUL_ONLY",
    "final_checkpoint": True,
}


def test_a_kept_item_is_graded_from_its_attributes_files_and_confirmed_numbers() -> None:
    assert grade_of_item(Record(attributes=ATTRIBUTES)).letter == "E1"
    assert grade_of_item(Record()).letter == "E3"
    assert grade_of_item(Record(attributes=ATTRIBUTES, status="cancelled")).letter == "NONE"
    assert grade_of_item(Record(attributes=ATTRIBUTES, measurements=())).letter == "E4"
    assert grade_of_item(Record(attributes=ATTRIBUTES, measurements=(Kept(confirmed_by=""),))).letter == "E3"
    bridged = {
        **ATTRIBUTES,
        "final_checkpoint": False,
        "checkpoint_delta": "Same weights, new system prompt.",
    }
    assert grade_of_item(Record(attributes=bridged)).letter == "E2"


def test_one_number_without_an_interval_holds_the_whole_item_back() -> None:
    mixed = Record(
        attributes=ATTRIBUTES, measurements=(Kept(), Kept(value="41.5", metric_type="SCORE_0_100"))
    )
    assert not facts_of(mixed).has_interval
    assert grade_of_item(mixed).letter == "E3"


# Sufficiency


def test_a_claim_of_tier_2_needs_a_test_with_safeguards_off() -> None:
    claim = Claim(domain=Domain.CYBER, elicited=2)
    assert claims_without_evidence([claim], [BEST]) == ()
    for changed in (
        {"safeguards": Safeguards.AS_DEPLOYED},
        {"elicitation": Elicitation.L1},
        {"domain": Domain.CBRN},
        {"finished": False},
    ):
        (gap,) = claims_without_evidence([claim], [msgspec.structs.replace(BEST, **changed)])
        assert (gap.rule, gap.domain) == (2, Domain.CYBER)
    assert claims_without_evidence([Claim(domain=Domain.CYBER, elicited=1)], []) == ()


def test_a_residual_tier_below_the_elicited_one_needs_a_test_under_attack() -> None:
    claim = Claim(domain=Domain.CYBER, elicited=3, residual=1, status=ClaimStatus.CANNOT_RULE_OUT)
    (gap,) = claims_without_evidence([claim], [BEST])
    assert (gap.rule, gap.sentence) == (3, "Cyber: the tier falls from 3 to 1 without proof.")
    attacked = msgspec.structs.replace(BEST, safeguards=Safeguards.AS_DEPLOYED_UNDER_ATTACK)
    assert claims_without_evidence([claim], [BEST, attacked]) == ()
    assert claims_without_evidence([Claim(domain=Domain.CYBER, elicited=3, residual=3)], [BEST]) == ()


# Words of others


@pytest.mark.parametrize(
    ("word", "domain", "known"),
    [
        ("cbrn", Domain.CBRN, True),
        ("CYBER", Domain.CYBER, True),
        ("ai_r_and_d", Domain.AUTONOMY, True),
        ("persuasion_manipulation", Domain.MANIPULATION, True),
        ("harmful_request_compliance", Domain.SAFEGUARDS, True),
        ("bias", Domain.PROPENSITY, True),
        ("economic_reasoning", Domain.GENERAL, False),
    ],
)
def test_a_domain_word_maps_to_ours_and_keeps_the_original(word: str, domain: Domain, known: bool) -> None:
    found = domain_of(word)
    assert (found.domain, found.known, found.original) == (domain, known, word)


def test_other_words_of_packages_and_tools_map_or_stay_unknown() -> None:
    assert executor_of("third party") is Executor.INDEPENDENT_EXTERNAL
    assert safeguards_of("helpful-only") is Safeguards.OFF_HELPFUL_ONLY
    assert elicitation_of("L2") is Elicitation.L2
    assert elicitation_of("") is None
    assert metric_type_of("attack_success_rate") is MetricType.PROPORTION
    assert metric_type_of("perplexity") is None


def test_every_word_of_the_vocabulary_has_a_label_for_people() -> None:
    for words in (Elicitation, Executor, GradeLetter, MetricType, Reach, Safeguards):
        assert all("_" not in word.label for word in words)
