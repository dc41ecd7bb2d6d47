"""The life of a published resource. Drawn in docs/workflows.md."""

from collections.abc import Mapping
from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Transition, Waits, Workflow


class ResourceState(StrEnum):
    """Whether a resource stands in the library."""

    PUBLISHED = "published"
    ARCHIVED = "archived"
    REMOVED = "removed"


S, R = ResourceState, Role

LABELS = {
    S.PUBLISHED: _l("published"),
    S.ARCHIVED: _l("archived"),
    S.REMOVED: _l("removed"),
}

# Who is waited for in each state; nobody where it is over.
WAITS: Mapping[ResourceState, Waits | None] = {
    S.PUBLISHED: Waits(
        _l("the editor who handled it"),
        _l("the policy’s months"),
        _l("named on the desk, and every Monday"),
    ),
    S.ARCHIVED: None,
    S.REMOVED: None,
}


class ResourceWorkflow(Workflow):
    """Published, archived and back; removed for good, with a tombstone at its address."""

    initial = S.PUBLISHED

    archive = Transition(from_={S.PUBLISHED}, to=S.ARCHIVED, by={R.EDITOR})
    restore = Transition(from_={S.ARCHIVED}, to=S.PUBLISHED, by={R.EDITOR})
    remove = Transition(from_={S.PUBLISHED, S.ARCHIVED}, to=S.REMOVED, by={R.EDITOR})


# How the history tells each step.
TOLD = {
    "archive": _l("archived it"),
    "restore": _l("brought it back"),
    "remove": _l("removed it"),
}
