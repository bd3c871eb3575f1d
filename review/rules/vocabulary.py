"""Every closed set of words, each with its label: the glossary of the procedure.

Values are written to the record and never change their meaning; labels are what people read.
"""

from enum import StrEnum


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

LABELS: dict[str, str] = {
    "State.DRAFT": "Draft",
    "State.SUBMITTED": "Filed",
    "State.ACCEPTANCE_SCREENING": "Screening",
    "State.REFUSED_TO_ACCEPT": "Refused to accept",
    "State.SUBSTANTIVE_REVIEW": "In review",
    "State.INFORMATION_REQUEST_HOLD": "Held for a question",
    "State.RECOMMENDATION": "Recommendation",
    "State.NOTICE_OF_INTENDED_DECISION": "Notice of intended decision",
    "State.LAB_RESPONSE_WINDOW": "Lab may respond",
    "State.DECISION_PENDING": "Decision pending",
    "State.DECIDED_APPROVED": "Approved",
    "State.DECIDED_RESTRICTED": "Restricted",
    "State.DECIDED_DENIED": "Denied",
    "State.WITHDRAWN": "Withdrawn",
    "State.WITHDRAWN_DEEMED": "Deemed withdrawn",
    "State.CLOSED_INACTIVE": "Closed, no answer",
    "Act.open_draft": "Open a filing",
    "Act.submit": "Read and sign the filing",
    "Act.begin_screening": "Begin screening",
    "Act.refuse_to_accept": "Refuse to accept",
    "Act.accept": "Accept the filing",
    "Act.accept_by_lapse": "Accept by lapse",
    "Act.resubmit_after_refusal": "File again",
    "Act.file_over_protest": "File over protest",
    "Act.close_inactive": "Close for want of an answer",
    "Act.issue_information_request": "Issue the information request",
    "Act.respond_to_information_request": "Send the answers",
    "Act.deem_withdrawn": "Deem withdrawn",
    "Act.recommend": "Recommend an outcome",
    "Act.return_recommendation": "Return to review",
    "Act.forward_clean": "Forward for approval",
    "Act.issue_notice": "Issue the notice of intended decision",
    "Act.open_response_window": "Open the response window",
    "Act.answer_notice": "Answer the notice",
    "Act.close_response_window": "Close the response window",
    "Act.issue_new_notice": "Issue a new notice",
    "Act.approve": "Decide: approve",
    "Act.restrict": "Decide: restrict",
    "Act.deny": "Decide: deny",
    "Act.withdraw": "Withdraw the filing",
    "Act.attach_evidence": "Attach evidence",
    "Act.withdraw_evidence": "Withdraw evidence",
    "Act.confirm_measurement": "Confirm a measurement",
    "Act.match_subject": "Match the model",
    "Act.assign_role": "Assign a person",
    "Act.attest_conflicts": "Declare conflicts of interest",
    "Act.recuse": "Recuse yourself",
    "Act.answer_checklist_item": "Answer the checklist",
    "Act.concur_refusal": "Concur with the refusal",
    "Act.write_finding": "Write a finding",
    "Act.revise_finding": "Revise the finding",
    "Act.withdraw_finding": "Withdraw the finding",
    "Act.conclude_review": "State the conclusion",
    "Act.sign_review": "Read and sign the review",
    "Act.draft_information_request": "Draft an information request",
    "Act.concur_information_request": "Concur with the information request",
    "Act.answer_item": "Answer an item",
    "Act.draft_memo": "Write the cross-discipline memo",
    "Act.draft_notice": "Write the notice",
    "Act.draft_decision": "Write the decision",
    "Act.concur_legal_sufficiency": "Concur as legally sufficient",
    "Act.record_panel_advice": "Record the panel's advice",
    "Act.ratify": "Ratify the decision",
    "Act.warn": "Send a warning",
    "Act.issue_document": "Issue a document",
    "Act.download_document": "Download a document",
    "Act.found_house": "Found the house",
    "Act.register_organization": "Register a lab",
    "Act.verify_organization": "Verify a lab",
    "Act.invite": "Invite a person",
    "Act.enrol": "Set up an account",
    "Act.request_role": "Ask for a role",
    "Act.grant_role": "Grant a role",
    "Act.end_role": "End a role",
    "Act.deactivate": "Deactivate an account",
    "Act.refused_act": "Refused act",
    "Role.LAB_RA": "Regulatory lead",
    "Role.LAB_ENG": "Evaluation engineer",
    "Role.DOCKET_MANAGER": "Docket manager",
    "Role.INTAKE": "Intake officer",
    "Role.REVIEWER": "Reviewer",
    "Role.LEAD": "Review lead",
    "Role.SIGNATORY": "Deciding official",
    "Role.RATIFIER": "Ratifier",
    "Role.COUNSEL": "Agency counsel",
    "Role.AUDITOR": "Auditor",
    "Role.SYS_ADMIN": "System administrator",
    "Role.SYS": "The system, at a deadline",
    "Discipline.CYBER": "Cyber",
    "Discipline.CBRN": "CBRN",
    "Discipline.AUTONOMY": "Autonomy",
    "Discipline.SAFEGUARDS_SECURITY": "Safeguards and security",
    "Discipline.SOCIETAL_MANIPULATION": "Societal, manipulation",
    "Discipline.DEPLOYMENT_ACCESS": "Deployment and access",
    "Domain.CBRN": "CBRN",
    "Track.FULL": "Full review",
    "Track.PRIORITY": "Priority review",
    "Track.COMPARABLE": "Comparable review",
    "Track.SUPPLEMENT_PRIOR_APPROVAL": "Supplement, prior approval",
    "Track.SUPPLEMENT_CHANGES_BEING_EFFECTED": "Supplement, changes being effected",
    "Conclusion.CONCERN_MITIGABLE": "Concern that conditions can meet",
    "Conclusion.CONCERN_NOT_MITIGABLE": "Concern that conditions cannot meet",
    "Turn.AGENCY": "Agency",
    "Audience.INTERNAL_FULL": "Internal, full",
    "Audience.LAB": "Lab",
    "Audience.AUDIT": "Audit",
    "Audience.PUBLIC": "Public",
    "DocumentKind.DOC-ACK": "Acknowledgement",
    "DocumentKind.DOC-RTA": "Refusal to accept",
    "DocumentKind.DOC-FILING": "Filing letter",
    "DocumentKind.DOC-PROTEST": "Filing over protest",
    "DocumentKind.DOC-CLOSE": "Closing letter",
    "DocumentKind.DOC-IR": "Information request",
    "DocumentKind.DOC-IRR": "Response to the information request",
    "DocumentKind.DOC-CDTL": "Cross-discipline memo",
    "DocumentKind.DOC-RETURN": "Return to review",
    "DocumentKind.DOC-NOID": "Notice of intended decision",
    "DocumentKind.DOC-NOID-2": "New notice of intended decision",
    "DocumentKind.DOC-RESP": "Response to the notice",
    "DocumentKind.DOC-DL": "Decision letter",
    "DocumentKind.DOC-SOR": "Statement of reasons",
    "DocumentKind.DOC-COND": "Conditions schedule",
    "DocumentKind.DOC-CR": "Complete response",
    "DocumentKind.DOC-WD": "Withdrawal",
    "DocumentKind.DOSSIER": "Dossier",
}
