"""The roles that a person, a link or the system itself can play."""

from enum import StrEnum

from reviewhub.core.i18n import _l


class Role(StrEnum):
    """Who acts. Standing roles come with the account; the others follow from the object."""

    SUBMITTER = "submitter"
    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    MEMBER = "member"
    EDITOR = "editor"
    ROSTER_MANAGER = "roster_manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SYSTEM = "system"
    PANEL = "panel"


STANDING = frozenset({Role.EDITOR, Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR})
STAFF = STANDING

LABELS = {
    Role.SUBMITTER: _l("submitter"),
    Role.APPLICANT: _l("applicant"),
    Role.REVIEWER: _l("reviewer"),
    Role.MEMBER: _l("roster member"),
    Role.EDITOR: _l("editor"),
    Role.ROSTER_MANAGER: _l("roster manager"),
    Role.ADMIN: _l("administrator"),
    Role.AUDITOR: _l("auditor"),
    Role.SYSTEM: _l("ReviewHub"),
    Role.PANEL: _l("review panel"),
}
