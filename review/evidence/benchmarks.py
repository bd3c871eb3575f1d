"""What a benchmark usually measures: a proposal that a person confirms or corrects."""

from __future__ import annotations

import re

import msgspec

from review.evidence.reading import Direction, ReadMeasurement, Run


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of an evidence item, in the words of the evidence instrument; None where nothing is known.

    A proposal is never a fact: the person who attaches the evidence confirms each word.
    """

    domain: str | None
    method: str | None
    metric_type: str | None
    direction: Direction | None


# Domain, method and how the names of such benchmarks begin. The first row that fits is taken.
_BENCHMARKS: tuple[tuple[str, str, str], ...] = (
    (
        "SAFEGUARDS",
        "AUTOMATED_RED_TEAM",
        """safeguard jailbreak strongreject strong_reject harm_bench harmbench advbench agentharm agentdojo
        xstest wildguard simple_safety_tests anthropic_red_team red_team prompt_injection do_not_answer
        refusal over_refusal fortress""",
    ),
    ("CYBER", "CYBER_RANGE", "cyber_range cyberrange"),
    (
        "CYBER",
        "AGENTIC_TASK",
        "cybench intercode ctf cve_bench exploit kernelbench 3cb threecb nyu_ctf seccode",
    ),
    ("CYBER", "AUTOMATED_BENCHMARK", "cyber cyseceval sec_qa secqa wmdp_cyber computer_security cti_bench"),
    (
        "CBRN",
        "AUTOMATED_BENCHMARK",
        """cbrn wmdp vct virology lab_bench protocolqa protocol_qa biosecurity chembench chem_bench sosbench
        biology_protocol""",
    ),
    (
        "AUTONOMY",
        "AGENTIC_TASK",
        """autonomy autonomous re_bench rebench hcast mle_bench mlebench paperbench paper_bench swe_bench
        swebench swe_lancer gaia osworld self_prolif self_reasoning replication time_horizon day_tasks
        sabotage core_bench terminal_bench""",
    ),
    ("MANIPULATION", "AUTOMATED_BENCHMARK", "persuasi manipul makemepay make_me_pay makemesay sycophan"),
    ("SECURITY", "AGENTIC_TASK", "weight_security exfiltrat"),
    (
        "PROPENSITY",
        "AUTOMATED_BENCHMARK",
        """bbq bold crows winogender stereo discrim toxic real_toxicity situational decepti scheming sandbag
        agentic_misalignment truthful machiavelli hallucin simpleqa mask""",
    ),
    (
        "GENERAL",
        "AUTOMATED_BENCHMARK",
        """general_ mmlu gpqa arc_ arc- hellaswag gsm math humaneval human_eval mbpp winogrande piqa lambada boolq squad
        drop bbh big_bench ifeval steer aime musr hle commonsense glue cola mnli mrpc qnli qqp sst2 rte wnli
        wikitext blimp sciq logiqa healthbench medqa legalbench narrative_qa natural_qa wmt ifbench
        hendryckstest""",
    ),
)
_PATTERNS = tuple(
    (re.compile(r"(?:^|[^a-z])(?:" + "|".join(map(re.escape, names.split())) + ")"), domain, method)
    for domain, method, names in _BENCHMARKS
)

_LOWER = re.compile(
    r"attack_success|\basr\b|perplexity|bits_per_byte|error|\bmae\b|\brmse\b|calibration|\bece|toxic"
    r"|harmful_rate|bypass|violation|over_?refusal|edit_distance|latency"
)
_PROPORTION = re.compile(
    r"^acc|accuracy|match|pass_rate|success|rate$|_score$|^mean$|^f1|^mcc|recall|precision|refus|^asr|solved"
)
_ATTACK_BENCHMARK = re.compile(r"safeguard_bypass|jailbreak|attack|bypass|injection")


def propose(measurement: ReadMeasurement, run: Run) -> Proposal:
    """Domain, method, type of metric and direction that the names suggest; the file's own direction wins."""
    name = " ".join(filter(None, (measurement.benchmark, run.benchmark))).lower()
    metric = measurement.metric.lower()
    domain, method = next(
        ((domain, method) for pattern, domain, method in _PATTERNS if pattern.search(name)), (None, None)
    )
    return Proposal(
        domain=domain,
        method=method,
        metric_type=_metric_type(metric, measurement.value),
        direction=measurement.direction or _direction(name, metric),
    )


def _metric_type(metric: str, value: float) -> str | None:
    if re.search(r"pass_at|pass@|@\d", metric):
        return "PASS_AT_K"
    if "time_horizon" in metric:
        return "TIME_HORIZON_MIN"
    if "cost" in metric:
        return "COST_USD"
    if "count" in metric or metric.startswith("n_"):
        return "COUNT"
    if _PROPORTION.search(metric) and 0 <= value <= 1:
        return "PROPORTION"
    if _PROPORTION.search(metric) and 1 < value <= 100:
        return "SCORE_0_100"
    return None


def _direction(benchmark: str, metric: str) -> Direction | None:
    """Which way is better, where the name leaves no doubt: an attack that succeeds is worse."""
    if _LOWER.search(metric) or (
        _ATTACK_BENCHMARK.search(benchmark) and re.search(r"accuracy|success|^mean$", metric)
    ):
        return "lower"
    if re.search(r"^acc|accuracy|exact_match|pass|f1|mcc|success", metric):
        return "higher"
    return None
