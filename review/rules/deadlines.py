"""Deadlines that act by themselves: when the system may have something to do on a case, and what is said before."""

from datetime import date, timedelta

from review.rules import clock
from review.rules.facts import Facts
from review.rules.vocabulary import State


def silence_end(f: Facts) -> date | None:
    """The last day on which the lab may answer a refusal to accept."""
    if f.checklist is None or f.checklist.refused_on is None:
        return None
    return f.checklist.refused_on + timedelta(days=f.policy.acceptance.silence_days)


def warning_due(f: Facts) -> str | None:
    """The key of a warning that is due to the lab now and has not been sent."""
    if f.state is State.REFUSED_TO_ACCEPT and f.cycle is not None and f.cycle.warned_on("refusal") is None:
        end = silence_end(f)
        lead = timedelta(days=f.policy.acceptance.warning_days_before)
        return "refusal" if end is not None and f.today >= end - lead else None
    request = f.open_request
    if f.state is State.INFORMATION_REQUEST_HOLD and request is not None and request.issued_at is not None:
        issued = clock.local_date(request.issued_at, f.policy.agency.zone)
        sent = {warning.split("@")[0] for warning in request.warnings}
        passed = [
            d for d in f.policy.information_requests.warning_days if f.today >= issued + timedelta(days=d)
        ]
        return next((str(day) for day in passed if str(day) not in sent), None)
    return None


def timer(f: Facts) -> date | None:
    """The first day on which a deadline of the system, or a warning, may be due."""
    assert f.case is not None
    day = timedelta(days=1)
    if f.case.state is State.ACCEPTANCE_SCREENING and f.cycle is not None:
        return f.cycle.screening_due_on + day
    if f.case.state is State.REFUSED_TO_ACCEPT:
        end = silence_end(f)
        warned = f.cycle.warned_on("refusal") if f.cycle else None
        if end is None:
            return None
        lead = timedelta(days=f.policy.acceptance.warning_days_before)
        return end - lead if warned is None else max(end + day, warned + lead)
    if f.case.state is State.INFORMATION_REQUEST_HOLD and f.open_request and f.open_request.issued_at:
        issued = clock.local_date(f.open_request.issued_at, f.policy.agency.zone)
        rules = f.policy.information_requests
        sent = {warning.split("@")[0] for warning in f.open_request.warnings}
        left = [day_ for day_ in rules.warning_days if str(day_) not in sent]
        return issued + timedelta(days=left[0]) if left else issued + timedelta(days=rules.answer_days + 1)
    if f.case.state is State.LAB_RESPONSE_WINDOW and f.last_notice and f.last_notice.respond_by:
        return f.last_notice.respond_by + day
    return None
