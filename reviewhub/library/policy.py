"""Who may change what the library shows: editors, but never the one who suggested it."""

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role


def roles_towards(actor: Actor, submitter_id: int | None) -> frozenset[Role]:
    """The roles in which somebody acts on a resource that `submitter_id` suggested, if anybody."""
    if actor.has(Role.SYSTEM):
        return frozenset({Role.SYSTEM, Role.EDITOR})
    if submitter_id is not None and actor.person_id == submitter_id:
        return frozenset({Role.SUBMITTER})
    return frozenset(actor.roles & {Role.EDITOR})


def may_change(actor: Actor, submitter_id: int | None) -> bool:
    """Whether the buttons of an editor are shown."""
    return Role.EDITOR in roles_towards(actor, submitter_id)
