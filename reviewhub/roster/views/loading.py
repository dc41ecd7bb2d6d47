"""Finding what a page is about, for whoever may see it."""

from flask import request

from reviewhub.accounts.access import actor
from reviewhub.core.errors import NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.workflow import Transition
from reviewhub.roster import policy
from reviewhub.roster.assessments import Vote
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations.assessing import conflict_sentence, refuse_undecided
from reviewhub.roster.queries import applications, members


def load_application(ref: str) -> Application:
    """The application, locked where this request changes it.

    Raises NotFound for one that is not there or not theirs to see, so that numbers tell nothing.
    """
    application = applications.by_ref(ref)
    if application is None or not policy.may_see(actor(), application):
        raise NotFound(
            _("There is no application here for you. Open the link in our mail, or sign in.")
        )
    return applications.lock(application.id) if request.method == "POST" else application


def load_membership(membership_id: int) -> Membership:
    """The membership, locked where this request changes it. Raises NotFound as above."""
    membership = members.find(membership_id)
    if membership is None or not policy.may_see_member(actor(), membership):
        raise NotFound(_("There is no member here for you. Open the link in our mail, or sign in."))
    return members.lock(membership.id) if request.method == "POST" else membership


def require_open(transition: Transition, application: Application) -> None:
    """Raise what the operation would raise, before a page with its form is shown."""
    if policy.is_conflicted(actor(), application):
        raise NotAllowed(conflict_sentence())
    roles = policy.roles_towards(actor(), application)
    if not any(arrow.by & roles for arrow in transition.arrows):
        raise NotAllowed(_("You may not do this here."))
    if not transition.is_open_to(application, roles):
        raise WrongState(_("This has moved on: the step is no longer open."))


def require_votes(application: Application, vote: Vote) -> None:
    """Raise what the operation would raise while the managers' votes do not decide for this."""
    refuse_undecided(application, actor(), vote)
