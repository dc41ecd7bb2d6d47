"""The life of a published resource. Drawn in docs/workflows.md."""

from enum import StrEnum

from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Transition, Workflow


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
