"""Every closed set of words, each with its label: the glossary of the procedure.

Values are written to the record and never change their meaning; labels are what people read.
"""

from enum import StrEnum

from review.rules.labels import LABELS


class Word(StrEnum):
    """A member of a closed set; `label` is what a person reads."""

    @property
    def label(self) -> str:
        return LABELS.get(f"{type(self).__name__}.{self.value}") or self.value.replace("_", " ").capitalize()


class State(Word):
    """Where a submission stands (canonical SubmissionState values)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ACCEPTANCE_SCREENING = "ACCEPTANCE_SCREENING"
    REFUSED_TO_ACCEPT = "REFUSED_TO_ACCEPT"
    SUBSTANTIVE_REVIEW = "SUBSTANTIVE_REVIEW"
    INFORMATION_REQUEST_HOLD = "INFORMATION_REQUEST_HOLD"
    RECOMMENDATION = "RECOMMENDATION"
    NOTICE_OF_INTENDED_DECISION = "NOTICE_OF_INTENDED_DECISION"
    LAB_RESPONSE_WINDOW = "LAB_RESPONSE_WINDOW"
    DECISION_PENDING = "DECISION_PENDING"
    DECIDED_APPROVED = "DECIDED_APPROVED"
    DECIDED_RESTRICTED = "DECIDED_RESTRICTED"
    DECIDED_DENIED = "DECIDED_DENIED"
    WITHDRAWN = "WITHDRAWN"
    WITHDRAWN_DEEMED = "WITHDRAWN_DEEMED"
    CLOSED_INACTIVE = "CLOSED_INACTIVE"


DECIDED = frozenset({State.DECIDED_APPROVED, State.DECIDED_RESTRICTED, State.DECIDED_DENIED})
ENDED = DECIDED | {State.WITHDRAWN, State.WITHDRAWN_DEEMED, State.CLOSED_INACTIVE}
OPEN = frozenset(State) - ENDED


class Act(Word):
    """What people, or the system at a deadline, do. Audit names are for ever."""

    OPEN_DRAFT = "open_draft"
    SUBMIT = "submit"
    BEGIN_SCREENING = "begin_screening"
    REFUSE_TO_ACCEPT = "refuse_to_accept"
    ACCEPT = "accept"
    ACCEPT_BY_LAPSE = "accept_by_lapse"
    RESUBMIT_AFTER_REFUSAL = "resubmit_after_refusal"
    FILE_OVER_PROTEST = "file_over_protest"
    CLOSE_INACTIVE = "close_inactive"
    ISSUE_INFORMATION_REQUEST = "issue_information_request"
    RESPOND_TO_INFORMATION_REQUEST = "respond_to_information_request"
    DEEM_WITHDRAWN = "deem_withdrawn"
    RECOMMEND = "recommend"
    RETURN_RECOMMENDATION = "return_recommendation"
    FORWARD_CLEAN = "forward_clean"
    ISSUE_NOTICE = "issue_notice"
    OPEN_RESPONSE_WINDOW = "open_response_window"
    ANSWER_NOTICE = "answer_notice"
    CLOSE_RESPONSE_WINDOW = "close_response_window"
    ISSUE_NEW_NOTICE = "issue_new_notice"
    APPROVE = "approve"
    RESTRICT = "restrict"
    DENY = "deny"
    WITHDRAW = "withdraw"
    # acts that keep the state
    ATTACH_EVIDENCE = "attach_evidence"
    WITHDRAW_EVIDENCE = "withdraw_evidence"
    CONFIRM_MEASUREMENT = "confirm_measurement"
    MATCH_SUBJECT = "match_subject"
    ASSIGN_ROLE = "assign_role"
    ATTEST_CONFLICTS = "attest_conflicts"
    RECUSE = "recuse"
    ANSWER_CHECKLIST_ITEM = "answer_checklist_item"
    CONCUR_REFUSAL = "concur_refusal"
    WRITE_FINDING = "write_finding"
    REVISE_FINDING = "revise_finding"
    WITHDRAW_FINDING = "withdraw_finding"
    CONCLUDE_REVIEW = "conclude_review"
    SIGN_REVIEW = "sign_review"
    DRAFT_INFORMATION_REQUEST = "draft_information_request"
    CONCUR_INFORMATION_REQUEST = "concur_information_request"
    ANSWER_ITEM = "answer_item"
    DRAFT_MEMO = "draft_memo"
    DRAFT_NOTICE = "draft_notice"
    DRAFT_DECISION = "draft_decision"
    CONCUR_LEGAL_SUFFICIENCY = "concur_legal_sufficiency"
    DECLINE_CONCURRENCE = "decline_concurrence"
    RECORD_PANEL_ADVICE = "record_panel_advice"
    RATIFY = "ratify"
    WARN = "warn"
    ISSUE_DOCUMENT = "issue_document"
    DOWNLOAD_DOCUMENT = "download_document"
    # acts on people, not on a case
    FOUND_HOUSE = "found_house"
    REGISTER_ORGANIZATION = "register_organization"
    VERIFY_ORGANIZATION = "verify_organization"
    INVITE = "invite"
    ENROL = "enrol"
    REQUEST_ROLE = "request_role"
    GRANT_ROLE = "grant_role"
    END_ROLE = "end_role"
    DEACTIVATE = "deactivate"
    REFUSED = "refused_act"


class Role(Word):
    """What a person is, on a case or in the house."""

    LAB_RA = "LAB_RA"
    LAB_ENG = "LAB_ENG"
    DOCKET_MANAGER = "DOCKET_MANAGER"
    INTAKE = "INTAKE"
    REVIEWER = "REVIEWER"
    LEAD = "LEAD"
    SIGNATORY = "SIGNATORY"
    RATIFIER = "RATIFIER"
    COUNSEL = "COUNSEL"
    AUDITOR = "AUDITOR"
    SYS_ADMIN = "SYS_ADMIN"
    SYS = "SYS"


LAB_ROLES = frozenset({Role.LAB_RA, Role.LAB_ENG})
CASE_ROLES = (Role.INTAKE, Role.REVIEWER, Role.LEAD, Role.COUNSEL, Role.SIGNATORY, Role.RATIFIER)
"""Roles held on one case; no person may hold two of them there (G-SOD-1)."""


class Discipline(Word):
    """The six disciplines of a review."""

    CYBER = "CYBER"
    CBRN = "CBRN"
    AUTONOMY = "AUTONOMY"
    SAFEGUARDS_SECURITY = "SAFEGUARDS_SECURITY"
    SOCIETAL_MANIPULATION = "SOCIETAL_MANIPULATION"
    DEPLOYMENT_ACCESS = "DEPLOYMENT_ACCESS"

    @property
    def code(self) -> str:
        """Two letters for finding numbers: F-CY-01."""
        return {
            "CYBER": "CY",
            "CBRN": "CB",
            "AUTONOMY": "AU",
            "SAFEGUARDS_SECURITY": "SS",
            "SOCIETAL_MANIPULATION": "SM",
            "DEPLOYMENT_ACCESS": "DA",
        }[self.value]


class Domain(Word):
    """What an evidence item is about."""

    CYBER = "CYBER"
    CBRN = "CBRN"
    AUTONOMY = "AUTONOMY"
    MANIPULATION = "MANIPULATION"
    SAFEGUARDS = "SAFEGUARDS"
    SECURITY = "SECURITY"
    PROPENSITY = "PROPENSITY"
    GENERAL = "GENERAL"


class Track(Word):
    """How fast, and against what, a filing is reviewed."""

    FULL = "FULL"
    PRIORITY = "PRIORITY"
    COMPARABLE = "COMPARABLE"
    SUPPLEMENT_PRIOR_APPROVAL = "SUPPLEMENT_PRIOR_APPROVAL"
    SUPPLEMENT_CHANGES_BEING_EFFECTED = "SUPPLEMENT_CHANGES_BEING_EFFECTED"


class Outcome(Word):
    APPROVE = "APPROVE"
    RESTRICT = "RESTRICT"
    DENY = "DENY"


class Severity(Word):
    """How much a finding weighs."""

    MINOR = "MINOR"
    MAJOR = "MAJOR"
    DECISIVE = "DECISIVE"


class Conclusion(Word):
    """What a discipline concludes."""

    NO_CONCERN = "NO_CONCERN"
    CONCERN_MITIGABLE = "CONCERN_MITIGABLE"
    CONCERN_NOT_MITIGABLE = "CONCERN_NOT_MITIGABLE"
    INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"


class Meaning(Word):
    """What a signature says (21 CFR 11.50(a)(3))."""

    AUTHORSHIP = "AUTHORSHIP"
    REVIEW = "REVIEW"
    CONCURRENCE = "CONCURRENCE"
    LEGAL_SUFFICIENCY = "LEGAL_SUFFICIENCY"
    APPROVAL = "APPROVAL"
    RATIFICATION = "RATIFICATION"
    ATTESTATION = "ATTESTATION"
    RESPONSIBILITY = "RESPONSIBILITY"

    @property
    def sentence(self) -> str:
        return MEANING_SENTENCES[self]


class AnswerState(Word):
    """An answer that is not a value."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_DISCLOSED = "NOT_DISCLOSED"
    UNKNOWN = "UNKNOWN"


class ChecklistAnswer(Word):
    YES = "YES"
    NO = "NO"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Audience(Word):
    """For whom a case file or an edition is built (allow-lists, never removals)."""

    INTERNAL_FULL = "INTERNAL_FULL"
    LAB = "LAB"
    AUDIT = "AUDIT"
    PUBLIC = "PUBLIC"


class Turn(Word):
    """Whose turn it is."""

    AGENCY = "AGENCY"
    LAB = "LAB"
    NOBODY = "NOBODY"


class BenefitRiskDimension(Word):
    """Rows of the structured benefit-risk grid."""

    THREAT_LANDSCAPE = "THREAT_LANDSCAPE"
    COUNTERFACTUAL_AVAILABILITY = "COUNTERFACTUAL_AVAILABILITY"
    CAPABILITY = "CAPABILITY"
    SAFEGUARD_EFFICACY = "SAFEGUARD_EFFICACY"
    BENEFIT = "BENEFIT"


class DocumentKind(Word):
    """Documents that a row of the procedure owes."""

    DOC_ACK = "DOC-ACK"
    DOC_RTA = "DOC-RTA"
    DOC_FILING = "DOC-FILING"
    DOC_PROTEST = "DOC-PROTEST"
    DOC_CLOSE = "DOC-CLOSE"
    DOC_IR = "DOC-IR"
    DOC_IRR = "DOC-IRR"
    DOC_CDTL = "DOC-CDTL"
    DOC_RETURN = "DOC-RETURN"
    DOC_NOID = "DOC-NOID"
    DOC_NOID_2 = "DOC-NOID-2"
    DOC_RESP = "DOC-RESP"
    DOC_DL = "DOC-DL"
    DOC_SOR = "DOC-SOR"
    DOC_COND = "DOC-COND"
    DOC_CR = "DOC-CR"
    DOC_WD = "DOC-WD"
    DOSSIER = "DOSSIER"


MEANING_SENTENCES: dict[Meaning, str] = {
    Meaning.AUTHORSHIP: "I wrote this record.",
    Meaning.REVIEW: "I reviewed this matter and stand by these findings.",
    Meaning.CONCURRENCE: "I agree with this act, which another person proposed.",
    Meaning.LEGAL_SUFFICIENCY: "This record is legally sufficient. I do not judge whether it is right.",
    Meaning.APPROVAL: "I decide this, for the reasons stated, on the evidence cited.",
    Meaning.RATIFICATION: "I ratify this decision, in which I took no part.",
    Meaning.ATTESTATION: "What is stated here is true and complete to the best of my knowledge.",
    Meaning.RESPONSIBILITY: "I take responsibility for this act.",
}
