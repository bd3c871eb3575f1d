"""The kinds of condition as data: what each asks for, how it reads, how it is verified.

A form, a sentence and a check are all made from these tables. In a sentence `{key}` is a parameter and a part in
square brackets is left out when its parameter has no value. Schemas are versioned: `SCHEMA` changes with them.
"""

import msgspec

from review.rules.parameters import (
    Harsher,
    Parameter,
    ParameterKind,
    choice,
    day,
    names,
    several,
    share,
    text,
    whole,
)
from review.rules.vocabulary import Word

SCHEMA = 1


class ConditionType(Word):
    ACCESS_TIER_MAX = "ACCESS_TIER_MAX"
    ORG_ALLOWLIST = "ORG_ALLOWLIST"
    ELIGIBILITY_ATTRIBUTE = "ELIGIBILITY_ATTRIBUTE"
    GEOGRAPHY = "GEOGRAPHY"
    CAPABILITY_GATE = "CAPABILITY_GATE"
    RATE_LIMIT = "RATE_LIMIT"
    KYC_LEVEL = "KYC_LEVEL"
    MONITORING = "MONITORING"
    WEIGHT_SECURITY = "WEIGHT_SECURITY"
    RED_TEAM = "RED_TEAM"
    REPORTING = "REPORTING"
    SUNSET_RENEWAL = "SUNSET_RENEWAL"

    @property
    def label(self) -> str:
        return KINDS[self].label


class OnExpiry(Word):
    """What remains when a sunset comes. A decision says which; there is no default."""

    UNRESTRICTED = "UNRESTRICTED"
    AUTHORIZATION_EXPIRES = "AUTHORIZATION_EXPIRES"


class ConditionKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of condition: its sentence, parameters, proof of compliance and when it cannot be met."""

    label: str
    template: str
    parameters: tuple[Parameter, ...]
    verified_by: str
    infeasible_when: str = ""

    def parameter(self, key: str) -> Parameter | None:
        return next((one for one in self.parameters if one.key == key), None)


CHANNELS = (
    ("FIRST_PARTY_APP", "the lab's own app"),
    ("FIRST_PARTY_API", "the lab's own API"),
    ("CLOUD_DISTRIBUTOR", "cloud distributors"),
    ("ON_PREM", "customers' own machines"),
    ("EMBEDDED_PARTNER", "partners' products"),
    ("OPEN_WEIGHTS", "open weights"),
    ("INTERNAL_USE", "internal use"),
)
TIERS = (
    ("T0", "T0, internal use"),
    ("T1", "T1, named vetted organizations"),
    ("T2", "T2, verified businesses"),
    ("T3", "T3, signed-in public"),
    ("T4", "T4, anonymous public"),
    ("T5", "T5, weights"),
)
PERIODS = (("DAY", "day"), ("WEEK", "week"), ("MONTH", "month"), ("QUARTER", "quarter"))

_CHANNELS = several("channels", "Channels", CHANNELS, empty="all channels")
_STARTS = day("starts_on", "Starts on", required=False, harsher=Harsher.LOWER)
_TIERS = several("tiers", "Tiers", TIERS, empty="every tier")


KINDS: dict[ConditionType, ConditionKind] = {
    ConditionType.ACCESS_TIER_MAX: ConditionKind(
        label="Access tier",
        template="Access stays within tier {max_tier}, on {channels}[, save for {allowed_programs}]"
        "[, from {starts_on}].",
        parameters=(
            choice("max_tier", "Highest tier", TIERS, Harsher.LOWER),
            text("allowed_programs", "Programs allowed above it", required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Export of the access configuration, and a probe account from outside.",
        infeasible_when="The lab has no gating by tier on a channel.",
    ),
    ConditionType.ORG_ALLOWLIST: ConditionKind(
        label="Organization list",
        template="{applicant} admits organizations from {list} that meet {criteria}, on {channels}. "
        "It answers each application within {decision_days}, lets a refused one appeal to {appeal_to}, "
        "and {includes_foreign_staff} their foreign staff.[ It admits at most {max_organizations}.]"
        "[ It starts on {starts_on}.]",
        parameters=(
            choice(
                "list",
                "Which list",
                (("PUBLISHED", "its published list"), ("AGREED", "a list agreed with the agency")),
            ),
            text("criteria", "Admission criteria", hint="The text, or the name and version of the text."),
            whole("decision_days", "Answer within", "business day", Harsher.LOWER),
            choice(
                "appeal_to",
                "Appeal to",
                (
                    ("OUTSIDE_REVIEWER", "an outside reviewer"),
                    ("LAB_OFFICER", "another officer of the lab"),
                    ("AGENCY", "the agency"),
                ),
            ),
            Parameter(
                key="includes_foreign_staff",
                label="Foreign staff of admitted organizations",
                kind=ParameterKind.YES_NO,
                choices=(("true", "includes"), ("false", "leaves out")),
                harsher=Harsher.LOWER,
            ),
            whole("max_organizations", "At most", "organization", Harsher.LOWER, required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Log of changes to the list, and a random sample of 5 % each quarter.",
        infeasible_when="There are no criteria, or the agency admits without a deadline.",
    ),
    ConditionType.ELIGIBILITY_ATTRIBUTE: ConditionKind(
        label="Eligibility",
        template="Access on {channels} is for those whose {attribute} is {allowed}, shown at {assurance}"
        "[, with at most {max_false_accept} wrongly admitted][, from {starts_on}].",
        parameters=(
            choice(
                "attribute",
                "Attribute",
                (
                    ("COUNTRY_LOCATION", "country of location"),
                    ("RESIDENCE", "residence"),
                    ("ORG_HQ", "organization's seat"),
                    ("US_PERSON_STATUS", "US person status"),
                    ("NATIONALITY", "nationality"),
                ),
            ),
            names("allowed", "Allowed values"),
            choice(
                "assurance",
                "Assurance",
                (
                    ("A1", "A1, self-declared"),
                    ("A2", "A2, signals"),
                    ("A3", "A3, document"),
                    ("A4", "A4, document and liveness"),
                ),
                Harsher.HIGHER,
            ),
            share("max_false_accept", "Wrongly admitted, at most", Harsher.LOWER, required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Audit of a sample, and test identities.",
        infeasible_when="The declared method of a channel gives less assurance, less coverage or more error.",
    ),
    ConditionType.GEOGRAPHY: ConditionKind(
        label="Geography",
        template="Access on {channels} is {rule} in {countries}, by {method}[, with at most {max_leakage} "
        "leakage][, from {starts_on}].",
        parameters=(
            choice("rule", "Rule", (("ALLOW", "given only"), ("DENY", "not given"))),
            names("countries", "Countries", hint="Two-letter codes (ISO 3166)."),
            choice(
                "method",
                "Method",
                (
                    ("IP", "network address"),
                    ("BILLING", "billing address"),
                    ("PHONE", "phone number"),
                    ("ID", "identity document"),
                    ("CONTRACT", "contract"),
                ),
            ),
            share("max_leakage", "Leakage, at most", Harsher.LOWER, required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Probe tests from outside, and location logs.",
        infeasible_when="No leakage at all is asked of a method by network address.",
    ),
    ConditionType.CAPABILITY_GATE: ConditionKind(
        label="Capability gate",
        template="{capability} is off in {tiers}, on {channels}. Each {period} a test of {attempts} with {suite} "
        "shows an upper bound of at most {max_upper_bound}."
        "[ At most {max_over_block} of harmless requests are refused.][ It starts on {starts_on}.]",
        parameters=(
            text("capability", "Capability"),
            _TIERS,
            choice("period", "Tested each", PERIODS),
            whole("attempts", "Attempts", "attempt", Harsher.HIGHER),
            text("suite", "Test suite"),
            share("max_upper_bound", "Upper bound, at most", Harsher.LOWER),
            share("max_over_block", "Harmless requests refused, at most", Harsher.LOWER, required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="The suite, run each period, with a signed log.",
        infeasible_when="No suite detects the capability, or harmless use suffers more than the stated bound.",
    ),
    ConditionType.RATE_LIMIT: ConditionKind(
        label="Rate limit",
        template="Each {per} may use at most {amount} {measure} a {period}, on {channels}[, from {starts_on}].",
        parameters=(
            choice("per", "Counted for each", (("ACCOUNT", "account"), ("ORGANIZATION", "organization"))),
            whole("amount", "At most", "", Harsher.LOWER),
            choice(
                "measure",
                "Measured in",
                (("TOKENS", "tokens"), ("REQUESTS", "requests"), ("AGENT_HOURS", "agent hours")),
            ),
            choice("period", "In each", PERIODS),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Usage logs, and a probe with many accounts.",
        infeasible_when="Identity is too weak to add up accounts (below K1).",
    ),
    ConditionType.KYC_LEVEL: ConditionKind(
        label="Customer identity",
        template="Every account in {tiers}, on {channels}, is verified at {level}[, again every {reverify_days}]"
        "[, from {starts_on}].",
        parameters=(
            choice(
                "level",
                "Level",
                (
                    ("K1", "K1, email and payment"),
                    ("K2", "K2, business verified"),
                    ("K3", "K3, identity document"),
                    ("K4", "K4, document and nationality"),
                    ("K5", "K5, in person or sponsored"),
                ),
                Harsher.HIGHER,
            ),
            _TIERS,
            whole("reverify_days", "Again every", "day", Harsher.LOWER, required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Audit of a sample of records.",
        infeasible_when="The law of a country served forbids it, or it cannot be ready in time.",
    ),
    ConditionType.MONITORING: ConditionKind(
        label="Monitoring",
        template="{applicant} keeps misuse signals[ ({signals})] for {retention_days} and acts within "
        "{action_hours} of detection, on {channels}.[ Detection finds at least {min_recall} of seeded abuse "
        "(lower bound).][ Customers with zero data retention: {zero_retention}.][ It starts on {starts_on}.]",
        parameters=(
            text("signals", "Signals", required=False),
            whole("retention_days", "Kept for", "day", Harsher.HIGHER),
            whole("action_hours", "Acts within", "hour", Harsher.LOWER),
            share("min_recall", "Finds at least", Harsher.HIGHER, required=False),
            text("zero_retention", "Customers with zero data retention", required=False),
            _CHANNELS,
            _STARTS,
        ),
        verified_by="Exercises with seeded abuse.",
        infeasible_when="Customers with zero data retention are in scope and have no alternative.",
    ),
    ConditionType.WEIGHT_SECURITY: ConditionKind(
        label="Weight security",
        template="The weights are held at {level} or higher, with an outside review by {review_by}.",
        parameters=(
            choice(
                "level",
                "Security level",
                tuple((f"SL{n}", f"security level {n}") for n in range(1, 6)),
                Harsher.HIGHER,
            ),
            day("review_by", "Outside review by", harsher=Harsher.LOWER),
        ),
        verified_by="The outside report, and inspection.",
        infeasible_when="Security level 5 is asked within 12 months.",
    ),
    ConditionType.RED_TEAM: ConditionKind(
        label="Red-teaming",
        template="{executor} spends at least {hours} on red-teaming {scope} before {before}.",
        parameters=(
            choice(
                "executor",
                "By whom",
                (
                    ("INDEPENDENT_EXTERNAL", "An independent team"),
                    ("GOVERNMENT", "A government team"),
                    ("DEVELOPER", "The lab's own team"),
                ),
            ),
            whole("hours", "Hours", "hour", Harsher.HIGHER),
            text("scope", "Scope"),
            day("before", "Before", harsher=Harsher.LOWER),
        ),
        verified_by="The report, with the evaluator's signature.",
        infeasible_when="No qualified evaluator is found after a search of 20 business days.",
    ),
    ConditionType.REPORTING: ConditionKind(
        label="Reporting",
        template="{applicant} reports {events} to the agency within {deadline_hours}[, as {format}]"
        "[, from {starts_on}].",
        parameters=(
            text("events", "Events", hint="What counts as an event, so that two people would agree."),
            whole("deadline_hours", "Within", "hour", Harsher.LOWER),
            text("format", "Format", required=False),
            _STARTS,
        ),
        verified_by="Whether reports came in time.",
        infeasible_when="The event is not defined.",
    ),
    ConditionType.SUNSET_RENEWAL: ConditionKind(
        label="Sunset",
        template="All conditions end on {end_date} unless renewed with fresh reasons. Then {on_expiry}.",
        parameters=(
            day("end_date", "Ends on"),
            choice(
                "on_expiry",
                "What remains then",
                (
                    (OnExpiry.UNRESTRICTED.value, "use is unrestricted"),
                    (OnExpiry.AUTHORIZATION_EXPIRES.value, "the authorization expires"),
                ),
            ),
        ),
        verified_by="The system, on the day.",
    ),
}
"""Every kind of condition that a decision may impose."""
