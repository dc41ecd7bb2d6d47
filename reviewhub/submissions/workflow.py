"""The life of a suggested resource. Drawn in docs/workflows.md."""

from collections.abc import Mapping
from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Button, Transition, Waits, Weight, Workflow


class State(StrEnum):
    """Where a submission is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


S, R, W = State, Role, Weight

LABELS = {
    S.DRAFT: _l("draft"),
    S.SUBMITTED: _l("submitted"),
    S.IN_REVIEW: _l("in review"),
    S.REVIEWED: _l("reviewed"),
    S.CHANGES_REQUESTED: _l("changes requested"),
    S.APPROVED: _l("approved"),
    S.REJECTED: _l("rejected"),
    S.PUBLISHED: _l("published"),
    S.WITHDRAWN: _l("withdrawn"),
}

# Somebody still has to do something about these.
OPEN = frozenset({S.SUBMITTED, S.IN_REVIEW, S.REVIEWED, S.CHANGES_REQUESTED, S.APPROVED})
# Somebody of the staff answers for these, also while a panel reviews.
ON_THE_DESK = OPEN - {S.CHANGES_REQUESTED}

CALLED_ON = _l("reminded every week; after three calls somebody else becomes the owner")

# Who is waited for in each state; in those without, it is over, or the next step nobody's duty.
WAITS: Mapping[State, Waits | None] = {
    S.DRAFT: Waits(
        _l("the guest, with the button in the mail"),
        _l("the policy’s days for drafts"),
        _l("reminded once, then dropped"),
    ),
    S.SUBMITTED: Waits(
        _l("the editor who screens it"), _l("the policy’s working days for screening"), CALLED_ON
    ),
    S.IN_REVIEW: Waits(
        _l("the handling editor, while the panel reviews"),
        _l("the days of two invitations and a review"),
        CALLED_ON,
    ),
    S.REVIEWED: Waits(
        _l("the editor who decides"), _l("the policy’s days for a decision"), CALLED_ON
    ),
    S.CHANGES_REQUESTED: Waits(
        _l("the submitter"),
        _l("the policy’s days for changes"),
        _l("reminded before it, then withdrawn"),
    ),
    S.APPROVED: Waits(
        _l("the editor who publishes, or the clock"),
        _l("the moment of publication, or the days for a decision"),
        CALLED_ON,
    ),
    S.REJECTED: None,
    S.PUBLISHED: None,
    S.WITHDRAWN: None,
}


class SubmissionWorkflow(Workflow):
    """Submitted, reviewed, approved or rejected, published; and the ways out and back."""

    initial = S.DRAFT

    submit = Transition(from_={S.DRAFT, S.CHANGES_REQUESTED}, to=S.SUBMITTED, by={R.SUBMITTER})
    start_review = Transition(from_={S.SUBMITTED}, to=S.IN_REVIEW, by={R.EDITOR, R.SYSTEM})
    decline = Transition(from_={S.SUBMITTED}, to=S.REJECTED, by={R.EDITOR})
    finish_review = Transition(from_={S.IN_REVIEW}, to=S.REVIEWED, by={R.SYSTEM, R.EDITOR})
    consult = Transition(from_={S.REVIEWED}, to=S.IN_REVIEW, by={R.EDITOR, R.SYSTEM})
    request_changes = Transition(
        from_={S.SUBMITTED, S.REVIEWED}, to=S.CHANGES_REQUESTED, by={R.EDITOR}
    )
    approve = Transition(from_={S.REVIEWED}, to=S.APPROVED, by={R.EDITOR, R.PANEL})
    reject = Transition(from_={S.REVIEWED}, to=S.REJECTED, by={R.EDITOR, R.PANEL})
    publish = Transition(from_={S.APPROVED}, to=S.PUBLISHED, by={R.EDITOR, R.SYSTEM})
    withdraw = Transition(
        from_={S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.REVIEWED, S.CHANGES_REQUESTED, S.APPROVED},
        to=S.WITHDRAWN,
        by={R.SUBMITTER},
    )
    lapse = Transition(from_={S.DRAFT, S.CHANGES_REQUESTED}, to=S.WITHDRAWN, by={R.SYSTEM})
    revive = Transition(
        from_={S.WITHDRAWN},
        to=S.SUBMITTED,
        by={R.SUBMITTER, R.EDITOR},
        only_if=lambda submission: submission.submitted_at is not None,
        because=_l("This suggestion was never sent, so there is nothing to take up again."),
    )
    appeal = Transition(
        from_={S.REJECTED},
        to=S.SUBMITTED,
        by={R.SUBMITTER},
        only_if=lambda submission: submission.appeals == 0,
        because=_l("This suggestion has already been looked at again once."),
    )
    reopen = Transition(
        from_={S.REJECTED, S.APPROVED},
        to=S.REVIEWED,
        by={R.EDITOR},
        only_if=lambda submission: submission.reviewed_at is not None,
        because=_l("This was decided at screening: screen it again instead."),
    )
    rescreen = Transition(
        from_={S.REJECTED},
        to=S.SUBMITTED,
        by={R.EDITOR},
        only_if=lambda submission: submission.reviewed_at is None,
        because=_l("This was decided after a review: reopen the decision instead."),
    )


# How the history tells each step.
TOLD = {
    "submit": _l("sent the suggestion"),
    "start_review": _l("started the review"),
    "decline": _l("declined it at screening"),
    "finish_review": _l("closed the panel"),
    "consult": _l("asked for one more reviewer"),
    "request_changes": _l("asked for changes"),
    "approve": _l("approved it"),
    "reject": _l("rejected it"),
    "publish": _l("published it"),
    "withdraw": _l("withdrew it"),
    "lapse": _l("let it lapse, because reminders stayed unanswered"),
    "revive": _l("took it up again"),
    "appeal": _l("appealed"),
    "reopen": _l("undid the decision"),
    "rescreen": _l("undid the decision at screening"),
}

# How a page offers its steps to staff. The others are the submitter's, or the system's.
BUTTONS = {
    "start_review": Button(_l("Start the review"), W.ON),
    "approve": Button(_l("Approve"), W.ON),
    "publish": Button(_l("Publish now"), W.ON),
    "rescreen": Button(
        _l("Screen again"),
        W.ON,
        _l("It waits for screening as if it had just come in, and the submitter is told."),
    ),
    "revive": Button(
        _l("Take it up again"),
        W.ON,
        _l("It goes to the editors as it stood when it was withdrawn, in a new round."),
    ),
    "consult": Button(
        _l("Ask one more reviewer"),
        W.ASIDE,
        _l(
            "The best free reviewer is invited and does not see what the others said. When their "
            "review arrives, the panel is counted anew."
        ),
    ),
    "finish_review": Button(
        _l("Close the panel early"),
        W.ASIDE,
        _l(
            "Reviewers who have not finished are thanked and let go. The panel counts as short, "
            "and the decision is yours."
        ),
    ),
    "request_changes": Button(_l("Ask for changes"), W.ASIDE),
    "reopen": Button(
        _l("Undo the decision"),
        W.ASIDE,
        _l(
            "The decision no longer stands. Mails that have not gone out are taken back; if the "
            "submitter already knows, they are told."
        ),
    ),
    "decline": Button(_l("Decline at screening"), W.AGAINST),
    "reject": Button(_l("Reject"), W.AGAINST),
}
