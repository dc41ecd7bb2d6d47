"""Drafts: begun with the first words, saved as they come, filled in when they are sent."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import IO, Any

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.submissions import answers as answering
from reviewhub.submissions import attachments
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.filing import file_under
from reviewhub.submissions.models import Progress, Submission, SubmissionFile
from reviewhub.submissions.policy import EDITABLE, is_submitter, may_edit
from reviewhub.submissions.progress import wait_for
from reviewhub.submissions.queries import file as file_of
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

LONGEST_KEPT = 10_000  # characters of one unsent answer
UNSENT = "unsent"


def begin(*, by: Actor) -> Submission:
    """A new draft, of the signed-in person or of nobody known yet; its number is for good."""
    submission = Submission(
        ref=secrets.token_hex(8),  # until the id is known
        submitter_id=by.person_id,
        progress=Progress(),
    )
    submission.filing = []
    db.session.add(submission)
    db.session.flush()
    submission.ref = f"RH-{clock.now().year}-{submission.id:06d}"
    db.session.flush()
    _wait_for_guest(submission)
    return submission


def save(submission: Submission, unsent: Mapping[str, Any], *, by: Actor) -> None:
    """Keep what is in the form, finished or not; nothing is judged yet.

    Raises NotAllowed or WrongState where the form is closed.
    """
    require_editable(submission, by)
    kept = {name: _kept(value) for name, value in unsent.items()}
    submission.details = {**submission.details, UNSENT: kept}
    if submission.submitted_at is None and not submission.consented_at:
        submission.title = clean_line(str(kept.get("title") or ""))[: answering.TITLE[1]]
        _wait_for_guest(submission)


def adopt(submission: Submission, *, by: Actor) -> None:
    """A draft that was begun before signing in becomes the signed-in person's own.

    It does even when a mail has gone out to confirm an address: the draft goes to whoever has
    both, its link and an account, and the other links to it close.
    """
    theirs = submission.state is State.DRAFT and is_submitter(by, submission)
    if not theirs or by.person_id in {None, submission.submitter_id}:
        return
    submission.submitter_id = by.person_id
    submission.consented_at = None
    wait_for(submission, None, None)
    links.revoke(Capability.SUBMISSION, submission.id)


def attach(
    submission: Submission, name: str, content: bytes | IO[bytes], *, by: Actor
) -> SubmissionFile:
    """Keep a file with the draft. Raises InvalidInput for one that can't be taken."""
    require_editable(submission, by)
    return attachments.attach(submission, name, content)


def detach(submission: Submission, file_id: int, *, by: Actor) -> None:
    """Take a file off again. Raises NoResultFound for one that is not there."""
    require_editable(submission, by)
    attachments.detach(file_of(submission.id, file_id))


def fill(submission: Submission, answers: Answers, *, by: Actor) -> None:
    """Write checked answers into the row. Raises InvalidInput for answers that can't hold."""
    require_editable(submission, by)
    answers = answering.checked(answers)
    answering.write(submission, answers)
    file_under(submission, answering.terms_of(answers))


def require_editable(submission: Submission, by: Actor) -> None:
    """Raises WrongState once it is sent, and NotAllowed for anybody but the submitter."""
    if submission.state not in EDITABLE:
        raise WrongState(_("This has been sent and can't be changed here any more."))
    if not may_edit(by, submission):
        raise NotAllowed(_("You may not do this here."))


def unsent(submission: Submission) -> dict[str, Any]:
    """The form as it was last saved; empty when it was sent since."""
    return dict(submission.details.get(UNSENT, {}))


def forget_unsent(submission: Submission) -> None:
    """What was in the form has been sent."""
    submission.details = {k: v for k, v in submission.details.items() if k != UNSENT}


def close_anonymous_link(submission: Submission) -> None:
    """The address under which the draft was begun opens nothing any more: it has an owner."""
    link = links.ensure(Capability.SUBMISSION, submission.id, person_id=None)
    link.revoked_at = clock.now()


def guest_days() -> timedelta:
    """How long a guest's draft is kept."""
    return timedelta(days=int(catalogue().policy["guest_draft_days"]))


def _wait_for_guest(submission: Submission) -> None:
    """A draft of nobody known is not kept for ever; its days count from the last change."""
    if submission.submitter_id is None:
        wait_for(submission, None, clock.now() + guest_days())


def _kept(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(entry)[:100] for entry in value[:300]]
    if isinstance(value, bool) or value is None:
        return value
    return str(value).replace("\x00", "")[:LONGEST_KEPT]
