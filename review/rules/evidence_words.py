"""The evidence vocabulary, and how the words of packages and tools map to it.

A word that no table knows becomes GENERAL, with the original kept beside it.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from review.rules.vocabulary import Domain, Word


class Method(Word):
    AUTOMATED_BENCHMARK = "AUTOMATED_BENCHMARK"
    AGENTIC_TASK = "AGENTIC_TASK"
    HUMAN_UPLIFT_TRIAL = "HUMAN_UPLIFT_TRIAL"
    EXPERT_RED_TEAM = "EXPERT_RED_TEAM"
    AUTOMATED_RED_TEAM = "AUTOMATED_RED_TEAM"
    WET_LAB_PROXY = "WET_LAB_PROXY"
    CYBER_RANGE = "CYBER_RANGE"
    BUG_BOUNTY = "BUG_BOUNTY"
    WHITE_BOX_ANALYSIS = "WHITE_BOX_ANALYSIS"
    FIELD_MONITORING = "FIELD_MONITORING"
    EXPERT_JUDGEMENT = "EXPERT_JUDGEMENT"

    @property
    def label(self) -> str:
        return {"EXPERT_JUDGEMENT": "Expert judgment"}.get(self.value, super().label)


class MetricType(Word):
    PROPORTION = "PROPORTION"
    PASS_AT_K = "PASS_AT_K"  # noqa: S105  a metric, not a password
    TIME_HORIZON_MIN = "TIME_HORIZON_MIN"
    UPLIFT_RATIO = "UPLIFT_RATIO"
    COUNT = "COUNT"
    COST_USD = "COST_USD"
    HOURS_TO_BYPASS = "HOURS_TO_BYPASS"
    SCORE_0_100 = "SCORE_0_100"
    ORDINAL = "ORDINAL"
    QUALITATIVE = "QUALITATIVE"

    @property
    def label(self) -> str:
        special = {
            "TIME_HORIZON_MIN": "Time horizon, minutes",
            "COST_USD": "Cost, US dollars",
            "SCORE_0_100": "Score, 0 to 100",
        }
        return special.get(self.value, super().label)


class IntervalMethod(Word):
    WILSON = "WILSON"
    CLUSTER_BOOTSTRAP = "CLUSTER_BOOTSTRAP"
    NORMAL_CLUSTERED = "NORMAL_CLUSTERED"
    EXACT = "EXACT"


class Elicitation(Word):
    """How much effort drew the capability out."""

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"

    @property
    def label(self) -> str:
        words = {"L0": "default prompt", "L1": "prompts", "L2": "scaffold", "L3": "expert effort"}
        return f"{self.value}, {words[self.value]}"


class Safeguards(Word):
    """In what state the safeguards were when the model was tested."""

    OFF_HELPFUL_ONLY = "OFF_HELPFUL_ONLY"
    TRAINING_ONLY = "TRAINING_ONLY"
    AS_DEPLOYED = "AS_DEPLOYED"
    AS_DEPLOYED_UNDER_ATTACK = "AS_DEPLOYED_UNDER_ATTACK"

    @property
    def label(self) -> str:
        special = {
            "OFF_HELPFUL_ONLY": "Off, helpful only",
            "AS_DEPLOYED_UNDER_ATTACK": "As deployed, attacked",
        }
        return special.get(self.value, super().label)


class Executor(Word):
    """Who ran the evaluation."""

    DEVELOPER = "DEVELOPER"
    DEVELOPER_CONTRACTED_EXTERNAL = "DEVELOPER_CONTRACTED_EXTERNAL"
    INDEPENDENT_EXTERNAL = "INDEPENDENT_EXTERNAL"
    GOVERNMENT = "GOVERNMENT"

    @property
    def label(self) -> str:
        special = {"DEVELOPER_CONTRACTED_EXTERNAL": "Contracted", "INDEPENDENT_EXTERNAL": "Independent"}
        return special.get(self.value, super().label)


class MappedDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain, with the word that it was read from; `known` is False where no table has the word."""

    domain: Domain
    original: str
    known: bool


DOMAINS: dict[str, Domain] = {
    "cbrn": Domain.CBRN,
    "cbrne": Domain.CBRN,
    "chemical": Domain.CBRN,
    "biological": Domain.CBRN,
    "bio": Domain.CBRN,
    "cyber": Domain.CYBER,
    "cybersecurity": Domain.CYBER,
    "cyber offence": Domain.CYBER,
    "cyber offense": Domain.CYBER,
    "autonomy": Domain.AUTONOMY,
    "ai r and d": Domain.AUTONOMY,
    "ai research": Domain.AUTONOMY,
    "loss of control": Domain.AUTONOMY,
    "self replication": Domain.AUTONOMY,
    "persuasion": Domain.MANIPULATION,
    "manipulation": Domain.MANIPULATION,
    "persuasion manipulation": Domain.MANIPULATION,
    "safeguards": Domain.SAFEGUARDS,
    "harmful compliance": Domain.SAFEGUARDS,
    "harmful request compliance": Domain.SAFEGUARDS,
    "prompt injection": Domain.SAFEGUARDS,
    "jailbreak": Domain.SAFEGUARDS,
    "security": Domain.SECURITY,
    "weight security": Domain.SECURITY,
    "propensity": Domain.PROPENSITY,
    "deception": Domain.PROPENSITY,
    "situational awareness": Domain.PROPENSITY,
    "deception/situational awareness": Domain.PROPENSITY,
    "bias": Domain.PROPENSITY,
    "child safety": Domain.SAFEGUARDS,
    "general": Domain.GENERAL,
}
EXECUTORS: dict[str, Executor] = {
    "developer": Executor.DEVELOPER,
    "lab": Executor.DEVELOPER,
    "contracted": Executor.DEVELOPER_CONTRACTED_EXTERNAL,
    "contractor": Executor.DEVELOPER_CONTRACTED_EXTERNAL,
    "third party": Executor.INDEPENDENT_EXTERNAL,
    "independent": Executor.INDEPENDENT_EXTERNAL,
    "external": Executor.INDEPENDENT_EXTERNAL,
    "government": Executor.GOVERNMENT,
}
SAFEGUARDS: dict[str, Safeguards] = {
    "off": Safeguards.OFF_HELPFUL_ONLY,
    "helpful only": Safeguards.OFF_HELPFUL_ONLY,
    "training only": Safeguards.TRAINING_ONLY,
    "on": Safeguards.AS_DEPLOYED,
    "as deployed": Safeguards.AS_DEPLOYED,
    "under attack": Safeguards.AS_DEPLOYED_UNDER_ATTACK,
    "attacked": Safeguards.AS_DEPLOYED_UNDER_ATTACK,
}
ELICITATIONS: dict[str, Elicitation] = {
    "default": Elicitation.L0,
    "zero shot": Elicitation.L0,
    "prompt engineering": Elicitation.L1,
    "few shot": Elicitation.L1,
    "scaffold": Elicitation.L2,
    "agent": Elicitation.L2,
    "best of k": Elicitation.L2,
    "fine tuned": Elicitation.L3,
    "expert": Elicitation.L3,
}
METRIC_TYPES: dict[str, MetricType] = {
    "accuracy": MetricType.PROPORTION,
    "acc": MetricType.PROPORTION,
    "attack success rate": MetricType.PROPORTION,
    "pass rate": MetricType.PROPORTION,
    "exact match": MetricType.PROPORTION,
    "pass@k": MetricType.PASS_AT_K,
    "time horizon": MetricType.TIME_HORIZON_MIN,
    "uplift": MetricType.UPLIFT_RATIO,
    "cost": MetricType.COST_USD,
}

_Known = TypeVar("_Known", bound=Word)


def domain_of(word: str) -> MappedDomain:
    """The domain that a word of a package or tool means; GENERAL, with the original kept, if none does."""
    found = _read(word, DOMAINS, Domain)
    return MappedDomain(domain=found or Domain.GENERAL, original=word, known=found is not None)


def executor_of(word: str) -> Executor | None:
    return _read(word, EXECUTORS, Executor)


def safeguards_of(word: str) -> Safeguards | None:
    return _read(word, SAFEGUARDS, Safeguards)


def elicitation_of(word: str) -> Elicitation | None:
    return _read(word, ELICITATIONS, Elicitation)


def metric_type_of(word: str) -> MetricType | None:
    return _read(word, METRIC_TYPES, MetricType)


def _read(word: str, table: Mapping[str, _Known], words: type[_Known]) -> _Known | None:
    """Our own word as it is, else what the table says of it; case, hyphens and underscores do not matter."""
    own = word.strip().upper().replace("-", "_").replace(" ", "_")
    if own in words._value2member_map_:
        return words(own)
    return table.get(" ".join(word.strip().lower().replace("-", " ").replace("_", " ").split()))
