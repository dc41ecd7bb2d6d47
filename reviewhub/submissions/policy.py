"""Which roles somebody plays towards a submission, and so what they may do and see.

Roles are a set, and conflicts are taken out first: whoever suggested an item is its submitter and
nothing else, so an editor never decides on an item of their own. The packages above take more
people out, such as the item's reviewers, for every verb alike.
"""

from collections.abc import Callable, Mapping

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.roles import Role
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import OPEN, State

# The submitter may change what they wrote, until it is sent and when changes are asked for.
EDITABLE = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
READERS = frozenset({Role.EDITOR, Role.ADMIN, Role.AUDITOR})

Involved = Callable[[Actor, Submission], bool]
_involved: list[Involved] = []


def register_involved(check: Involved) -> None:
    """Take editors out of their role where `check` says that they are part of the submission.

    Called at start, once per check: what it looks at belongs to a package above.
    """
    if check not in _involved:
        _involved.append(check)


def is_submitter(actor: Actor, submission: Submission) -> bool:
    """Whether this is the submitter: signed in, or with the link that was mailed to them."""
    if actor.holds_link_to(Capability.SUBMISSION, submission.id):
        return True
    return actor.person_id is not None and actor.person_id == submission.submitter_id


def roles_towards(
    actor: Actor, submission: Submission, known: Mapping[Involved, bool] | None = None
) -> frozenset[Role]:
    """The roles in which this actor may use the submission's verbs.

    `known` has the answers of registered checks that need not be asked any more.
    """
    if actor.roles & {Role.SYSTEM, Role.PANEL}:
        return frozenset(actor.roles)
    if is_submitter(actor, submission):
        return frozenset({Role.SUBMITTER})
    if not actor.has(Role.EDITOR):
        return frozenset()
    known = known or {}
    for check in _involved:
        if known[check] if check in known else check(actor, submission):
            return frozenset()
    return frozenset({Role.EDITOR})


def runs_itself(submission: Submission) -> bool:
    """Whether every editor of the hub is part of this item, so that policy and panel act alone.

    A hub that has no editor yet waits for one instead.
    """
    editors = accounts.with_role(Role.EDITOR)
    acting = (Actor(person.id, frozenset({Role.EDITOR})) for person in editors)
    return bool(editors) and not any(
        Role.EDITOR in roles_towards(actor, submission) for actor in acting
    )


def may_see(actor: Actor, submission: Submission) -> bool:
    """Whether its own page opens: for its submitter, and once it is sent for staff as well."""
    if is_submitter(actor, submission):
        return True
    return submission.state is not State.DRAFT and bool(actor.roles & READERS)


def may_edit(actor: Actor, submission: Submission) -> bool:
    """Whether the form is open: to the submitter, before sending and when changes are wanted."""
    return submission.state in EDITABLE and is_submitter(actor, submission)


def may_refile(actor: Actor, submission: Submission) -> bool:
    """Whether the filing may be corrected, once it is sent: by an editor who did not suggest it.

    Where nobody else can, an editor also completes the record of their own suggestion: the record
    is no judgement, and without it no reviewer could be asked.
    """
    if submission.state not in OPEN:
        return False
    if Role.EDITOR in roles_towards(actor, submission):
        return True
    own = actor.has(Role.EDITOR) and is_submitter(actor, submission)
    return own and runs_itself(submission)


def may_be_asking(actor: Actor, submission: Submission) -> bool:
    """Whether questions to the submitter are this viewer's: an editor's who has no stake in it."""
    return Role.EDITOR in roles_towards(actor, submission)


def may_ask(actor: Actor, submission: Submission) -> bool:
    """Whether the submitter may be asked something now: until it is closed."""
    return submission.state in OPEN and may_be_asking(actor, submission)


def may_answer(actor: Actor, submission: Submission) -> bool:
    """Whether an answer is taken: from the submitter, until it is closed."""
    return submission.state in OPEN and is_submitter(actor, submission)


def may_read_messages(actor: Actor, submission: Submission) -> bool:
    """Whether questions and answers are shown: to the submitter, and to a desk without a stake."""
    if is_submitter(actor, submission):
        return True
    if any(check(actor, submission) for check in _involved):
        return False
    return may_see(actor, submission)
