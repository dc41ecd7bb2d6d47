"""Who may read which hidden word, and who has to be able to: written apart from the code.

A hidden field is named for what stands in it and whose it is; its text is a random token.
"""

from secrets import token_hex

from tests.permissions import expected as who
from tests.permissions.principals import PRINCIPALS, STAFF

TWIN = " of the twin"
# Shown nowhere at present, to nobody.
NEVER = (
    "decline note", "reason of the conflict", "subject", "why wanted", "text before the decision",
    "why sent back", "abstract of the member", "keywords of the member",
    "abstract of the listed", "keywords of the listed",
)  # fmt: skip
SENT = {"sent", "sent_by_link", "reviewing_editor"}
SEATED = {name + how for name in who.SEATS for how in ("", "_by_link")}
OPENED = {"accepted", "accepted_by_link"} | SENT
# Whoever reads the panel of the item: staff who are no part of it.
PANEL = who.FREE_EDITORS | who.ONLOOKERS | {"submitting_editor"}
PANEL_OF_TWIN = who.FREE_EDITORS | who.ONLOOKERS | who.INVOLVED
PUBLIC = set(PRINCIPALS)
ON_THE_DESK = {
    "internal note", "comment to the editor by sent", "comment to the submitter by sent",
    "name of sent", "name of invited", "name of declined",
}  # fmt: skip


SUBMITTERS: set[str] = {"whoever suggested it"}
# Who reads what besides those who read the panel. What is for the submitter, or tells of them,
# reviewers must not read.
WITH_PANEL: dict[str, set[str]] = {
    "internal note": set(),
    "why closed early": set(),
    "error of the mail": set(),
    "question": SUBMITTERS,
    "answer": SUBMITTERS,
    "released comment": SUBMITTERS,
    "question of a reviewer": {"accepted", "accepted_by_link"},
    "question that was answered": OPENED,
    "reply to the panel": OPENED,
}


def readers(kind: str, state: str, anonymity: str = "single") -> set[str]:
    """Who may read the hidden field, by its name; written apart from the code."""
    return _readers(kind, state) | (_by_name(kind, state) if anonymity == "visible" else set())


def _by_name(kind: str, state: str) -> set[str]:
    """Who learns a name besides, where all identities are visible: each side once it has a right
    to the other's words."""
    bare, is_twin = kind.removesuffix(TWIN), kind.endswith(TWIN)
    submitters = {"submitting_editor"} if is_twin else {"submitter", "submitter_by_link"}
    if bare in {"name of sent", "name of reviewing_editor"}:
        is_told = state in {who.CHANGES, who.APPROVED, who.REJECTED, who.PUBLISHED}
        return (submitters if is_told else set()) | (set() if is_twin else SENT)
    return OPENED if kind == "name of submitter" else set()


def _readers(kind: str, state: str) -> set[str]:
    bare, is_twin = kind.removesuffix(TWIN), kind.endswith(TWIN)
    panel = PANEL_OF_TWIN if is_twin else PANEL
    submitters = {"submitting_editor"} if is_twin else {"submitter", "submitter_by_link"}
    if bare in NEVER or bare in IN_THE_LIST:
        return PUBLIC if bare in IN_THE_LIST else set()
    if bare.startswith(("name of ", "email of ", "organisation of ")):
        return _readers_of_person(bare, is_twin, panel)
    if bare.startswith("comment to "):
        return _readers_of_comment(bare, is_twin, panel)
    if bare in WITH_PANEL:
        besides = WITH_PANEL[bare]
        return panel | (submitters if besides is SUBMITTERS else set() if is_twin else besides)
    if bare in {"text of the decision", "changes wanted", "response note"}:
        return submitters | who.DESK
    if bare.endswith(" in the invitation"):
        return who.INVITED
    if bare == "upload name":
        return submitters
    if bare in {"list of handling_editor", "identity of registered"}:
        return {bare.partition(" of ")[2]}
    if bare in {"title", "publisher", "why useful", "description", "file name"}:
        reviewers = set() if is_twin else _reviewers_who_read(bare)
        is_out = state == who.PUBLISHED and bare != "why useful"
        return PUBLIC if is_out else submitters | who.DESK | reviewers
    return _readers_on_roster(bare)


def _reviewers_who_read(bare: str) -> set[str]:
    """An invitation shows what it is about; the rest opens with the declaration."""
    if bare == "title":
        return SEATED
    return OPENED | {"invited", "invited_by_link"} if bare == "description" else OPENED


def _readers_of_person(bare: str, is_twin: bool, panel: set[str]) -> set[str]:
    """Administrators look people up, to make two accounts one or to erase somebody."""
    return {"admin"} | _others_who_read_of_person(bare, is_twin, panel)


def _others_who_read_of_person(bare: str, is_twin: bool, panel: set[str]) -> set[str]:
    kind, _, name = bare.partition(" of ")
    own = set() if is_twin else {name, f"{name}_by_link"}
    if name in STAFF and not is_twin:
        return own | set(STAFF)  # colleagues know one another
    if name == "submitter":
        return own | (panel if kind == "email" else who.DESK)
    if name == "applicant":
        return own | who.ROSTER_DESK
    if name in {"idle_member", "listed"}:  # whom an editor is proposed for another panel
        return own | who.ROSTER_DESK | who.EDITORS
    if name in {"registered", "half_way", "suspended"}:
        return own
    return own | panel


def _readers_of_comment(bare: str, is_twin: bool, panel: set[str]) -> set[str]:
    name = bare.rpartition(" by ")[2]
    own = set() if is_twin else {name, f"{name}_by_link"}
    if name == "accepted":  # a draft is its writer's alone
        return own
    others = SENT if bare.startswith("comment to the submitter") and not is_twin else set()
    return own | panel | others


# What everybody reads of whoever agreed to be listed, and of a receipt that they gave away.
IN_THE_LIST = {
    "name of listed", "organisation of listed", "statement of the listed", "work of the listed",
    "authors of the listed", "venue of the listed", "link of the listed",
}  # fmt: skip


def _readers_on_roster(bare: str) -> set[str]:
    if bare == "words for practice":
        return who.MEMBERS
    if bare == "note of another manager":
        return who.ONLOOKERS  # the manager of the scene has not voted yet
    if bare.endswith("of the listed"):
        return who.ROSTER_DESK
    of_member = bare.endswith("of the member")
    return who.ROSTER_DESK | (who.MEMBERS if of_member else who.APPLICANTS)


def must_read(endpoint: str, principal: str, state: str) -> set[str]:
    """The hidden fields that the page about the item, or about the seat, shows to this reader."""
    if endpoint == "admin.item" and principal in who.FREE_EDITORS | who.ONLOOKERS:
        return set() if state == who.DRAFT else ON_THE_DESK
    if endpoint == "reviews.show" and principal in SENT:
        return {f"comment to the submitter by {other}" for other in ("sent", "reviewing_editor")}
    if endpoint == "reviews.show" and principal in OPENED:
        return {"publisher", "why useful"}
    if endpoint == "submissions.show" and principal in who.SUBMITTERS:
        which = TWIN if principal == "submitting_editor" else ""
        return {f"changes wanted{which}"} if state == who.CHANGES else {f"title{which}"}
    return set()


class Tokens(dict[str, str]):
    """A token for every hidden field that is asked for, by the field's name."""

    def __call__(self, kind: str) -> str:
        """The text to put there."""
        return self.setdefault(kind, f"zz{token_hex(6)}")
