"""The life of a suggested resource. Drawn in docs/workflows.md."""

from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Transition, Workflow


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


S, R = State, Role

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
OPEN = frozenset(
    {S.SUBMITTED, S.IN_REVIEW, S.REVIEWED, S.CHANGES_REQUESTED, S.APPROVED}
)  # fmt: skip


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
