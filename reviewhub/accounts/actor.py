"""Who acts: a signed-in person, the holder of a link from a mail, the system, or nobody known."""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum

from reviewhub.accounts.roles import Role


class Capability(StrEnum):
    """What a link may open: one object of this kind, and nothing else."""

    SUBMISSION = "submission"
    ASSIGNMENT = "assignment"
    APPLICATION = "application"
    ACCOUNT = "account"
    MAIL = "mail"
    INVITATION = "invitation"


@dataclass(frozen=True)
class Grant:
    """What a valid link gives: one capability on one object, in the name of one person."""

    link_id: int
    capability: Capability
    object_id: int
    person_id: int | None


@dataclass(frozen=True)
class Actor:
    """The one value that every policy asks about."""

    person_id: int | None = None
    roles: Set[Role] = field(default_factory=frozenset)
    grant: Grant | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the account carries one of these standing roles."""
        return any(role in self.roles for role in roles)

    def holds_link_to(self, capability: Capability, object_id: int) -> bool:
        """Whether the link in hand opens exactly this object."""
        grant = self.grant
        return grant is not None and (grant.capability, grant.object_id) == (capability, object_id)

    @property
    def acting_person_id(self) -> int | None:
        """Whose name stands in the history: the link's person, else the signed-in one."""
        if self.grant is not None and self.grant.person_id is not None:
            return self.grant.person_id
        return self.person_id


NOBODY = Actor()
SYSTEM = Actor(roles=frozenset({Role.SYSTEM}))
PANEL = Actor(roles=frozenset({Role.PANEL}))
