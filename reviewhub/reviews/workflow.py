"""The life of an assignment: one reviewer, one round, one slot. Drawn in docs/workflows.md."""

from collections.abc import Mapping
from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Arrow, Transition, Waits, Workflow


class AssignmentState(StrEnum):
    """Where an assignment is."""

    PROPOSED = "proposed"
    INVITED = "invited"
    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    UNFILLED = "unfilled"
    DECLINED = "declined"
    EXPIRED = "expired"
    RECUSED = "recused"
    CANCELLED = "cancelled"
    SURPLUS = "surplus"


class Slot(StrEnum):
    """Which seat of the panel an assignment fills."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    ANY = "any"
    TIE_BREAKER = "tie_breaker"


S, R = AssignmentState, Role

LABELS = {
    S.PROPOSED: _l("proposed"),
    S.INVITED: _l("invited"),
    S.ACCEPTED: _l("reviewing"),
    S.SUBMITTED: _l("review received"),
    S.RETURNED: _l("returned for clarity"),
    S.UNFILLED: _l("could not judge"),
    S.DECLINED: _l("declined"),
    S.EXPIRED: _l("no answer"),
    S.RECUSED: _l("stepped back"),
    S.CANCELLED: _l("no longer needed"),
    S.SURPLUS: _l("not needed any more"),
}

# The seat is taken: nobody else need be asked for it.
SEATED = frozenset({S.PROPOSED, S.INVITED, S.ACCEPTED, S.SUBMITTED, S.RETURNED})
# The reviewer still has something to do.
ACTIVE = frozenset({S.INVITED, S.ACCEPTED, S.RETURNED})
# A review is being written.
AT_WORK = frozenset({S.ACCEPTED, S.RETURNED})

_REPLACED = _l("reminded, then somebody else is asked beside them")

# Who is waited for in each state; nobody where the seat needs nothing any more.
WAITS: Mapping[AssignmentState, Waits | None] = {
    S.PROPOSED: None,  # for the length of one transaction: whoever is proposed is invited in it
    S.INVITED: Waits(
        _l("the reviewer"),
        _l("the policy’s working days"),
        _l("recalled once, then somebody else is asked"),
    ),
    S.ACCEPTED: Waits(_l("the reviewer"), _l("the policy’s days for a review"), _REPLACED),
    S.RETURNED: Waits(_l("the reviewer"), _l("the days for a decision, at least"), _REPLACED),
    S.SUBMITTED: None,
    S.UNFILLED: None,
    S.DECLINED: None,
    S.EXPIRED: None,
    S.RECUSED: None,
    S.CANCELLED: None,
    S.SURPLUS: None,
}


class AssignmentWorkflow(Workflow):
    """Asked, answered, reviewed; and every way in which a seat becomes free again."""

    initial = S.PROPOSED

    invite = Transition(from_={S.PROPOSED}, to=S.INVITED, by={R.SYSTEM, R.EDITOR})
    accept = Transition(from_={S.INVITED, S.EXPIRED}, to=S.ACCEPTED, by={R.REVIEWER, R.EDITOR})
    decline = Transition(from_={S.INVITED, S.ACCEPTED}, to=S.DECLINED, by={R.REVIEWER, R.EDITOR})
    expire = Transition(from_={S.INVITED}, to=S.EXPIRED, by={R.SYSTEM})
    ask_again = Transition(
        from_={S.DECLINED, S.EXPIRED, S.CANCELLED}, to=S.INVITED, by={R.EDITOR, R.SYSTEM}
    )
    recuse = Transition(
        from_={S.INVITED, S.EXPIRED, S.ACCEPTED, S.RETURNED},
        to=S.RECUSED,
        by={R.REVIEWER, R.EDITOR},
    )
    submit = Transition(from_={S.ACCEPTED, S.RETURNED}, to=S.SUBMITTED, by={R.REVIEWER, R.EDITOR})
    give_up = Transition(from_={S.ACCEPTED, S.RETURNED}, to=S.UNFILLED, by={R.REVIEWER, R.EDITOR})
    return_ = Transition(from_={S.SUBMITTED}, to=S.RETURNED, by={R.EDITOR})
    # What an editor entered for the reviewer, who had said otherwise.
    correct = Transition(
        Arrow(from_=frozenset({S.DECLINED}), to=S.INVITED, by=frozenset({R.REVIEWER})),
        Arrow(from_=frozenset({S.SUBMITTED}), to=S.RETURNED, by=frozenset({R.REVIEWER})),
    )
    cancel = Transition(
        from_={S.PROPOSED, S.INVITED, S.ACCEPTED, S.RETURNED},
        to=S.CANCELLED,
        by={R.EDITOR, R.SYSTEM},
    )
    surpass = Transition(from_={S.ACCEPTED, S.RETURNED}, to=S.SURPLUS, by={R.SYSTEM})


# How the history tells each step.
TOLD = {
    "invite": _l("invited a reviewer"),
    "accept": _l("accepted to review"),
    "decline": _l("declined to review"),
    "expire": _l("closed an invitation without an answer"),
    "recuse": _l("stepped back for a conflict of interest"),
    "submit": _l("sent a review"),
    "give_up": _l("could not judge it"),
    "return_": _l("returned a review to be made clearer"),
    "correct": _l("put right what had been entered for them"),
    "cancel": _l("called off a reviewer"),
    "surpass": _l("no longer needs a reviewer"),
    "ask_again": _l("asked a reviewer again"),
}
