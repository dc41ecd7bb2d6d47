"""Screening of many at once: what would happen to each, and then whatever is still possible.

Each item is decided on as if it were the only one, by the verb's own operation.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from reviewhub.accounts.actor import Actor
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import operations as reviews
from reviewhub.reviews.explained import PanelView, explain
from reviewhub.reviews.operations.screening import why_not
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State, SubmissionWorkflow

MOST = 50
VERBS = {one.name: one for one in (SubmissionWorkflow.start_review, SubmissionWorkflow.decline)}


@dataclass(frozen=True)
class Chosen:
    """One item of a selection, in the version that was looked at; None where none was."""

    ref: str
    version: int | None = None

    @classmethod
    def read(cls, texts: Iterable[str]) -> "list[Chosen]":
        """What a form sent, `ref` or `ref:version` each. Raises InvalidInput for too many."""
        found: dict[str, Chosen] = {}
        for text in texts:
            ref, _colon, version = text.partition(":")
            number = int(version) if version.isascii() and version.isdigit() else None
            found.setdefault(ref, cls(ref, number))
        if len(found) > MOST:
            raise InvalidInput(_("At most %(number)s at a time, please.", number=MOST))
        return list(found.values())


@dataclass(frozen=True)
class Outlook:
    """What the verb would do to one item: a refusal, or the panel that would be asked."""

    ref: str
    title: str
    language: str
    version: int
    submitter: str
    refusal: str
    panel: PanelView | None = None

    @property
    def mails(self) -> int:
        """How many mails would go out: to the submitter, and to each reviewer."""
        if self.refusal:
            return 0
        return 1 + (len(self.panel.seats) if self.panel else 0)


@dataclass(frozen=True)
class Outcome:
    """What became of one item; `refusal` says why nothing did."""

    ref: str
    title: str
    refusal: str = ""


def outlooks(verb: str, chosen: Sequence[Chosen], actor: Actor) -> list[Outlook]:
    """What the verb would do to each, in the order given; nothing is changed."""
    found = chosen_rows(chosen)
    return [_outlook(verb, found[one.ref], actor) for one in chosen if one.ref in found]


def apply_to(chosen: Sequence[Chosen], do: Callable[[Submission], object]) -> list[Outcome]:
    """`do` each of them in a transaction of its own, so that a refusal undoes nothing else."""
    known = {ref: (row.id, row.title) for ref, row in chosen_rows(chosen).items()}
    return [
        Outcome(one.ref, known[one.ref][1], _refused(known[one.ref][0], one.version, do))
        for one in chosen
        if one.ref in known
    ]


def _refused(number: int, version: int | None, do: Callable[[Submission], object]) -> str:
    """Do it, and why it was not done; empty if it was."""
    try:
        submission = lock(number)
        if version not in {None, submission.version}:
            raise WrongState(_("Somebody else changed it meanwhile. Look at it again first."))
        do(submission)
        db.session.commit()  # here, not at the edge: each item stands by itself
    except DomainError as error:
        db.session.rollback()
        return str(error)
    return ""


def verb_for(verb: str, actor: Actor, **given: Any) -> Callable[[Submission], object]:
    """What `apply_to` does: start the review, or decline with a reason and a sentence."""
    if verb == "start_review":
        return lambda submission: reviews.start_review(submission, by=actor)
    return lambda submission: _decline(submission, actor, given["reason"], given["note"])


def _decline(submission: Submission, actor: Actor, reason: str, note: str) -> None:
    refusal = why_not(submission, VERBS["decline"], by=actor)
    if refusal:
        raise WrongState(refusal)
    submissions.decline(submission, by=actor, reason=reason, note=note)


def chosen_rows(chosen: Sequence[Chosen]) -> dict[str, Submission]:
    """The items, drafts aside: those are nobody's business yet."""
    rows = db.session.scalars(
        sa.select(Submission)
        .where(Submission.ref.in_([one.ref for one in chosen]), Submission.state != State.DRAFT)
        .options(joinedload(Submission.submitter))
    )
    return {row.ref: row for row in rows}


def _outlook(verb: str, submission: Submission, actor: Actor) -> Outlook:
    refusal = why_not(submission, VERBS[verb], by=actor)
    submitter = submission.submitter
    asks = verb == "start_review" and not refusal
    return Outlook(
        submission.ref,
        submission.title,
        submission.language,
        submission.version,
        submitter.shown_name if submitter else "",
        refusal,
        explain(reviews.preview(submission)) if asks else None,
    )
