"""Finding what a page is about, for whoever may see it."""

from flask import request, url_for

from reviewhub.accounts.access import actor, link_key
from reviewhub.core.errors import NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.workflow import Transition
from reviewhub.submissions import policy, queries
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import is_submitter


def load(ref: str) -> Submission:
    """The submission, locked where this request changes it.

    Raises NotFound for one that is not there or not theirs to see, so that numbers tell nothing.
    """
    submission = queries.find(ref)
    if submission is None or not policy.may_see(actor(), submission):
        raise NotFound(
            _("There is no such suggestion here. Open the link in our mail, or sign in.")
        )
    return queries.lock(submission.id) if request.method == "POST" else submission


def load_for(ref: str, transition: Transition) -> Submission:
    """The same, where the verb is this viewer's and open. Raises NotAllowed or WrongState."""
    submission = load(ref)
    roles = policy.roles_towards(actor(), submission)
    if not any(arrow.by & roles for arrow in transition.arrows):
        raise NotAllowed(_("This step is somebody else's to take."))
    if not transition.is_open_to(submission, roles):
        raise WrongState(_("This has moved on: the step is no longer open."))
    return submission


def same_version(submission: Submission, seen: str) -> None:
    """Raise WrongState when the page that was filled in shows an older version."""
    if seen and seen != str(submission.version):
        raise WrongState(
            _("Somebody else changed this since you opened the page. Look at it again first.")
        )


def home(submission: Submission) -> str:
    """Where this viewer looks at the submission."""
    who = actor()
    if not is_submitter(who, submission) and who.roles & policy.READERS:
        return url_for("admin.item", ref=submission.ref)
    return url_for("submissions.show", ref=submission.ref, key=link_key() or None)
