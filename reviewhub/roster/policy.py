"""Which roles somebody plays towards an application or a membership, and so what they may do.

Whoever applies is the applicant and nothing else, so a roster manager never decides on their own
application. Managers of the applicant's organisation are taken out too, unless that leaves nobody.
Where the managers' votes can't decide any more, an administrator without a stake does.
"""

from functools import cached_property

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Organisation, Person
from reviewhub.accounts.roles import Role
from reviewhub.roster.assessments import Assessment, Standing, of_application
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.taxonomy.queries import catalogue

READERS = frozenset({Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR})


def is_applicant(actor: Actor, application: Application) -> bool:
    """Whether this is the applicant: signed in, or with the link that was mailed to them."""
    if actor.holds_link_to(Capability.APPLICATION, application.id):
        return True
    return actor.person_id is not None and actor.person_id == application.person_id


class Towards:
    """What one actor is to one application, each part of it read once.

    For a page, or one question: whoever changes votes or roles meanwhile asks anew.
    """

    def __init__(self, actor: Actor, application: Application) -> None:
        self._actor, self._application = actor, application

    @cached_property
    def deciders(self) -> list[Person]:
        """The roster managers who may decide: never the applicant, and where there is a choice
        none of the same organisation or with a declared conflict."""
        return _without_close(self._application, Role.ROSTER_MANAGER)

    @cached_property
    def given(self) -> list[Assessment]:
        """Every assessment, whoever gave it and whoever may see it."""
        return of_application(self._application.id)

    @cached_property
    def standing(self) -> Standing:
        """Where the votes of whoever may decide stand, by the policy's number."""
        voters = [person.id for person in self.deciders]
        wanted = catalogue().policy.get("application_managers", 1)
        return Standing.of(self.given, voters, wanted=wanted)

    @cached_property
    def tie_breakers(self) -> list[Person]:
        """The administrators who may decide where the votes can't: never the applicant or somebody
        close to them, and where there is a choice nobody who has voted already."""
        free = _without_close(self._application, Role.ADMIN)
        return [person for person in free if person.id not in self.standing.sides] or free

    @cached_property
    def is_applicant(self) -> bool:
        """Whether this is the applicant: signed in, or with the link that was mailed to them."""
        return is_applicant(self._actor, self._application)

    @cached_property
    def is_conflicted(self) -> bool:
        """Whether this is a roster manager too close to the applicant to decide."""
        if not self._actor.has(Role.ROSTER_MANAGER) or self.is_applicant:
            return False
        return self._actor.person_id not in {person.id for person in self.deciders}

    @cached_property
    def may_break_tie(self) -> bool:
        """Whether this administrator decides, because the managers' votes can't."""
        if not self._actor.has(Role.ADMIN) or self.is_applicant or not self.standing.is_tied:
            return False
        return self._actor.person_id in {person.id for person in self.tie_breakers}

    @cached_property
    def may_see_votes(self) -> bool:
        """Whether what the managers say is shown: to one of them after their own vote or the
        decision, and to whoever reads the roster and has none. Never to the applicant or who is
        close to them."""
        if not may_see(self._actor, self._application) or self.is_applicant:
            return False
        if not self._actor.has(Role.ROSTER_MANAGER):
            return True
        if self._application.decided_at is not None:
            return not self.is_conflicted
        return self._actor.person_id in self.standing.sides

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles in which this actor may use the application's verbs."""
        if Role.SYSTEM in self._actor.roles:
            return frozenset({Role.SYSTEM})
        if self.is_applicant:
            return frozenset({Role.APPLICANT})
        if self.is_conflicted:
            return frozenset()
        tie = {Role.ADMIN} if self.may_break_tie else set()
        return frozenset(self._actor.roles & {Role.ROSTER_MANAGER} | tie)


def is_conflicted(actor: Actor, application: Application, known: Towards | None = None) -> bool:
    """Whether this is a roster manager too close to the applicant to decide.

    `known` has what was read of it already; likewise below.
    """
    return (known or Towards(actor, application)).is_conflicted


def deciders(application: Application) -> list[Person]:
    """The roster managers who may decide, whoever asks."""
    return Towards(Actor(), application).deciders


def standing(application: Application) -> Standing:
    """Where the votes of whoever may decide stand, whoever asks."""
    return Towards(Actor(), application).standing


def tie_breakers(application: Application) -> list[Person]:
    """The administrators who may decide where the votes can't, whoever asks."""
    return Towards(Actor(), application).tie_breakers


def may_assess(actor: Actor, application: Application) -> bool:
    """Whether this is one of the managers who vote on it."""
    return Role.ROSTER_MANAGER in roles_towards(actor, application)


def may_break_tie(actor: Actor, application: Application, known: Towards | None = None) -> bool:
    """Whether this administrator decides, because the managers' votes can't."""
    return (known or Towards(actor, application)).may_break_tie


def may_see_votes(actor: Actor, application: Application, known: Towards | None = None) -> bool:
    """Whether what the managers say is shown to this reader now."""
    return (known or Towards(actor, application)).may_see_votes


def roles_towards(
    actor: Actor, application: Application, known: Towards | None = None
) -> frozenset[Role]:
    """The roles in which this actor may use the application's verbs."""
    return (known or Towards(actor, application)).roles


def may_see(actor: Actor, application: Application) -> bool:
    """Whether the application's page opens: for the applicant, and for roster staff."""
    return is_applicant(actor, application) or bool(actor.roles & READERS)


def is_invited(actor: Actor, invitation: Invitation) -> bool:
    """Whether this is who was invited: signed in, or with the link that was mailed to them."""
    if actor.holds_link_to(Capability.INVITATION, invitation.id):
        return True
    return actor.person_id is not None and actor.person_id == invitation.person_id


def is_member(actor: Actor, membership: Membership) -> bool:
    """Whether this is the member: signed in, or with the link of the approved application."""
    if actor.person_id is not None and actor.person_id == membership.person_id:
        return True
    application_id = membership.application_id
    return application_id is not None and actor.holds_link_to(
        Capability.APPLICATION, application_id
    )


def roles_of_member(actor: Actor, membership: Membership) -> frozenset[Role]:
    """The roles in which this actor may use the membership's verbs."""
    if Role.SYSTEM in actor.roles:
        return frozenset({Role.SYSTEM})
    if is_member(actor, membership):
        return frozenset({Role.MEMBER})
    return frozenset(actor.roles & {Role.ROSTER_MANAGER})


def may_see_member(actor: Actor, membership: Membership) -> bool:
    """Whether the member's page opens: for the member, and for roster staff."""
    return is_member(actor, membership) or bool(actor.roles & READERS)


def _without_close(application: Application, role: Role) -> list[Person]:
    """Whoever has the role and no stake in it; where everybody has one, all but the applicant."""
    staff = [person for person in accounts.with_role(role) if person.id != application.person_id]
    close = _close_to(application, staff)
    return [person for person in staff if person.id not in close] or staff


def _close_to(application: Application, managers: list[Person]) -> set[int]:
    applicant = accounts.get(application.person_id)
    theirs = {applicant.organisation_id} - {None}
    named = _organisation(application)
    if named is not None:
        theirs.add(named.id)
    close = {person.id for person in managers if person.organisation_id in theirs}
    people = [applicant.id, *(person.id for person in managers)]
    for conflict in accounts.declared_conflicts(people):
        other, declarer = conflict.other_person_id, conflict.person_id
        if other == applicant.id or conflict.organisation_id in theirs:
            close.add(declarer)
        elif declarer == applicant.id and other is not None:
            close.add(other)
    return close


def _organisation(application: Application) -> Organisation | None:
    return accounts.organisation_named(application.organisation_name)
