"""The life of a roster application and of the membership it becomes; see docs/workflows.md."""

from collections.abc import Mapping
from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Arrow, Transition, Waits, Workflow

R = Role


class ApplicationState(StrEnum):
    """Where an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    MORE_INFORMATION = "more_information"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


A = ApplicationState

APPLICATION_LABELS = {
    A.DRAFT: _l("draft"),
    A.SUBMITTED: _l("submitted"),
    A.MORE_INFORMATION: _l("more information asked"),
    A.APPROVED: _l("approved"),
    A.DECLINED: _l("declined"),
    A.WITHDRAWN: _l("withdrawn"),
}

# Who is waited for in each state; nobody where it is over.
APPLICATION_WAITS: Mapping[ApplicationState, Waits | None] = {
    A.DRAFT: Waits(
        _l("the applicant, with the button in the mail"),
        _l("the policy’s days for drafts"),
        _l("dropped"),
    ),
    A.SUBMITTED: Waits(
        _l("the roster manager whose vote is missing; in a tie an administrator"),
        _l("the policy’s days for applications"),
        _l("reminded every week; then the administrators are"),
    ),
    A.MORE_INFORMATION: Waits(
        _l("the applicant"),
        _l("the day that the question names"),
        _l("reminded twice, then closed"),
    ),
    A.APPROVED: None,
    A.DECLINED: None,
    A.WITHDRAWN: None,
}


class ApplicationWorkflow(Workflow):
    """An expert applies, roster managers decide: as many as the policy says."""

    initial = A.DRAFT

    submit = Transition(from_={A.DRAFT}, to=A.SUBMITTED, by={R.APPLICANT})
    ask = Transition(from_={A.SUBMITTED}, to=A.MORE_INFORMATION, by={R.ROSTER_MANAGER})
    answer = Transition(
        from_={A.MORE_INFORMATION}, to=A.SUBMITTED, by={R.APPLICANT, R.ROSTER_MANAGER}
    )
    # An administrator decides where the managers' votes can't: policy.may_break_tie.
    approve = Transition(
        from_={A.SUBMITTED, A.MORE_INFORMATION}, to=A.APPROVED, by={R.ROSTER_MANAGER, R.ADMIN}
    )
    decline = Transition(
        from_={A.SUBMITTED, A.MORE_INFORMATION}, to=A.DECLINED, by={R.ROSTER_MANAGER, R.ADMIN}
    )
    withdraw = Transition(
        from_={A.DRAFT, A.SUBMITTED, A.MORE_INFORMATION}, to=A.WITHDRAWN, by={R.APPLICANT}
    )
    lapse = Transition(from_={A.DRAFT, A.MORE_INFORMATION}, to=A.WITHDRAWN, by={R.SYSTEM})


class MembershipState(StrEnum):
    """Whether a roster member can be asked."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


M = MembershipState

MEMBERSHIP_LABELS = {
    M.ACTIVE: _l("active"),
    M.PAUSED: _l("paused"),
    M.ENDED: _l("ended"),
}

_TERM = Waits(_l("the member"), _l("the end of the term"), _l("reminded before it, then ended"))

# Who is waited for in each state; nobody where it is over.
MEMBERSHIP_WAITS: Mapping[MembershipState, Waits | None] = {
    M.ACTIVE: _TERM,
    M.PAUSED: _TERM,
    M.ENDED: None,
}


class MembershipWorkflow(Workflow):
    """A term on the roster, with pauses."""

    initial = M.ACTIVE

    pause = Transition(from_={M.ACTIVE}, to=M.PAUSED, by={R.MEMBER, R.ROSTER_MANAGER, R.SYSTEM})
    resume = Transition(
        Arrow(frozenset({M.PAUSED}), M.ACTIVE, frozenset({R.MEMBER, R.ROSTER_MANAGER, R.SYSTEM})),
        Arrow(frozenset({M.ENDED}), M.ACTIVE, frozenset({R.ROSTER_MANAGER})),
    )
    end = Transition(
        from_={M.ACTIVE, M.PAUSED}, to=M.ENDED, by={R.MEMBER, R.ROSTER_MANAGER, R.SYSTEM}
    )


# How the history tells each step of an application.
APPLICATION_TOLD = {
    "submit": _l("applied to the roster"),
    "ask": _l("asked the applicant for more"),
    "answer": _l("answered"),
    "approve": _l("approved the application"),
    "decline": _l("declined the application"),
    "withdraw": _l("withdrew the application"),
    "lapse": _l("let the application lapse"),
}


# How the history tells each step of a membership.
MEMBERSHIP_TOLD = {
    "pause": _l("paused"),
    "resume": _l("is available again"),
    "end": _l("left the roster"),
}
