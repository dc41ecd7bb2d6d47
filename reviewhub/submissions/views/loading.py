"""Finding what a page is about, for whoever may see it."""

from flask import request, url_for

from reviewhub.accounts import links
from reviewhub.accounts.access import actor, link_key, viewer
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.core.errors import NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.workflow import Transition
from reviewhub.submissions import policy, queries
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import is_submitter
from reviewhub.submissions.workflow import State


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


def holder(submission: Submission) -> Actor:
    """The actor, with the link that this very request has just made for a new draft."""
    who = actor()
    if policy.is_submitter(who, submission):
        return who
    granted = links.resolve(own_key(submission) or "")
    return Actor(person_id=who.person_id, roles=who.roles, grant=granted)


def own_key(submission: Submission) -> str | None:
    """The key under which the draft is reached; its signed-in submitter needs none."""
    person = viewer()
    if person is not None and person.id == submission.submitter_id:
        return None
    if actor().holds_link_to(Capability.SUBMISSION, submission.id):
        return link_key()
    if person is not None:
        return None
    return links.token(links.ensure(Capability.SUBMISSION, submission.id, person_id=None))


def own_address(submission: Submission) -> str:
    """Where its submitter goes on with it."""
    name = "revise" if submission.state is State.CHANGES_REQUESTED else "resume"
    return url_for(f"submissions.{name}", ref=submission.ref, key=own_key(submission))


def home(submission: Submission) -> str:
    """Where this viewer looks at the submission."""
    who = actor()
    if not is_submitter(who, submission) and who.roles & policy.READERS:
        return url_for("admin.item", ref=submission.ref)
    return url_for("submissions.show", ref=submission.ref, key=link_key() or None)
