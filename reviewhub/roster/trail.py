"""The way of an application, as the trail on its page shows it."""

from dataclasses import dataclass
from datetime import datetime

from reviewhub.core.i18n import _
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import APPLICATION_LABELS, ApplicationState

S = ApplicationState
_WAY = (S.DRAFT, S.SUBMITTED, S.APPROVED)
_ENDS_OFF_THE_WAY = {S.DECLINED, S.WITHDRAWN}


@dataclass(frozen=True)
class Step:
    """One station: `state` is done, now, next or turned."""

    name: str
    label: str
    state: str
    at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True)
class Next:
    """What happens next, who acts and by when."""

    label: str
    who: str
    by: datetime | None = None
    yours: bool = False


def steps(application: Application) -> list[Step]:
    """The stations behind, at and ahead of an application."""
    state = application.state
    sent = application.submitted_at
    walked = [_step(S.DRAFT, "now" if state == S.DRAFT else "done", application.created_at)]
    if sent is not None:
        walked.append(_step(S.SUBMITTED, "now" if state == S.SUBMITTED else "done", sent))
    if state == S.APPROVED:
        walked.append(_step(S.APPROVED, "done", application.decided_at))
    elif state not in _WAY:
        walked.append(_step(state, "turned", application.decided_at))
    if state in _ENDS_OFF_THE_WAY:
        return walked
    reached = {step.name for step in walked}
    return walked + [_step(ahead, "next") for ahead in _WAY if ahead not in reached]


def next_step(application: Application, *, yours: bool, owner: str = "") -> Next | None:
    """Who acts next, told to the applicant (`yours`) or to somebody else; None at the end.

    `owner` is the manager's name, which the applicant is not told.
    """
    applicant = str(_("You")) if yours else str(_("The applicant"))
    manager = owner or str(_("A roster manager"))
    match application.state:
        case S.DRAFT:
            return Next(str(_("The address is confirmed")), applicant, None, yours)
        case S.SUBMITTED:
            return Next(str(_("The decision")), manager, application.due_at, not yours)
        case S.MORE_INFORMATION:
            return Next(str(_("The answer")), applicant, application.due_at, yours)
    return None


def _step(state: ApplicationState, how: str, at: datetime | None = None) -> Step:
    return Step(state.value, str(_labels()[state]), how, at)


def _labels() -> dict[ApplicationState, object]:
    return {**APPLICATION_LABELS, S.DRAFT: _("answers given"), S.APPROVED: _("on the roster")}
