"""Who gets what answer from every page of ReviewHub, written by hand and apart from the code.

One line per endpoint: a rule, which gives for each principal, method and state of the submission
one of five answers. Nothing here asks the code under test.
"""

from collections.abc import Callable
from dataclasses import dataclass

OK, SIGN_IN, NOT_YOURS, HIDDEN, MOVED_ON = "ok", "sign in", "403", "404", "409"

# -- who is who --

NO_ACCOUNT = {
    "anonymous", "suspended", "submitter_by_link", "applicant_by_link", "other_link",
    "invited_by_link", "accepted_by_link", "sent_by_link", "declined_by_link", "recused_by_link",
}  # fmt: skip
SUBMITTERS = {"submitter", "submitter_by_link", "submitting_editor"}
FREE_EDITORS = {"handling_editor", "other_editor"}  # no part in the submission
INVOLVED = {"reviewing_editor", "conflicted_editor"}  # editors elsewhere, not towards this one
EDITORS = FREE_EDITORS | INVOLVED | {"submitting_editor"}
ONLOOKERS = {"admin", "auditor"}
DESK = EDITORS | ONLOOKERS
APPLICANTS = {"applicant", "applicant_by_link"}
MANAGERS = {"roster_manager"}
ROSTER_DESK = MANAGERS | ONLOOKERS
MEMBERS = {"idle_member"}

# -- where a submission can be --

DRAFT, SUBMITTED, IN_REVIEW, REVIEWED = "draft", "submitted", "in_review", "reviewed"
CHANGES, APPROVED, REJECTED = "changes_requested", "approved", "rejected"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
STATES = (
    DRAFT, SUBMITTED, IN_REVIEW, REVIEWED, CHANGES, APPROVED, REJECTED, PUBLISHED, WITHDRAWN,
)  # fmt: skip
UNDER_WAY = {SUBMITTED, IN_REVIEW, REVIEWED, CHANGES, APPROVED}


@dataclass(frozen=True)
class Ask:
    """One cell: who sends what, while the submission is where."""

    principal: str
    method: str
    state: str


Rule = Callable[[Ask], str]

# -- rules about the account --


def everybody(_ask: Ask) -> str:
    """A public page."""
    return OK


def nobody(_ask: Ask) -> str:
    """Not outside a demo."""
    return HIDDEN


def without_a_worker(_ask: Ask) -> str:
    """Everybody may ask whether the parts are ready; in a test none of them runs."""
    return "503"


def accounts(ask: Ask) -> str:
    """Whoever is signed in."""
    return SIGN_IN if ask.principal in NO_ACCOUNT else OK


def by_mailed_link(ask: Ask) -> str:
    """One's own password: signed in, or with a link that nobody of the scene was mailed."""
    return "410" if ask.principal in NO_ACCOUNT else OK


def only(*groups: set[str]) -> Rule:
    """Accounts with a role; other accounts are told that it is not for them."""

    def rule(ask: Ask) -> str:
        if ask.principal in NO_ACCOUNT:
            return SIGN_IN
        return OK if any(ask.principal in group for group in groups) else NOT_YOURS

    return rule


# -- rules about a submission --


def sees(ask: Ask) -> bool:
    """A draft is its author's alone; afterwards staff read it too. To others it isn't there."""
    if ask.principal in SUBMITTERS:
        return True
    return ask.principal in DESK and ask.state != DRAFT


def whoever_sees(ask: Ask) -> str:
    """A page about the submission."""
    return OK if sees(ask) else HIDDEN


def verb(by: set[str], open_in: set[str], closed: str = MOVED_ON) -> Rule:
    """A step: `by` these while it is `open_in` these states; `closed` is said in the others."""

    def rule(ask: Ask) -> str:
        if not sees(ask):
            return HIDDEN
        if ask.principal not in by:
            return NOT_YOURS
        return OK if ask.state in open_in else closed

    return rule


def publishing(ask: Ask) -> str:
    """An editor's step; staff without that role are sent away before anything is looked up."""
    by_account = only(EDITORS)(ask)
    return verb(FREE_EDITORS, {APPROVED})(ask) if by_account == OK else by_account


def on_desk(ask: Ask) -> str:
    """The page of one item on the desk."""
    by_account = only(DESK)(ask)
    return whoever_sees(ask) if by_account == OK else by_account


def keeping_answers(ask: Ask) -> str:
    """Changing a draft, or what is to be changed: its author's, until it is sent."""
    if sees(ask) and ask.state not in {DRAFT, CHANGES}:
        return MOVED_ON
    return verb(SUBMITTERS, {DRAFT, CHANGES})(ask)


def a_failed_mail(ask: Ask) -> str:
    """Sending one again: not by those who are part of the item that it is about."""
    by_account = only(EDITORS, {"admin"})(ask)
    return HIDDEN if by_account == OK and ask.principal in INVOLVED else by_account


# -- rules about a seat on the panel: everybody else's does not exist --

SEATS = {
    "invited": "invited", "accepted": "accepted", "sent": "sent", "declined": "declined",
    "recused": "recused", "reviewing_editor": "sent",
}  # fmt: skip


def seat(*open_in: str, otherwise: str = MOVED_ON, get: str | None = OK) -> Rule:
    """A reviewer's own page; POST (and GET, where `get` is None) only while it is `open_in`."""

    def rule(ask: Ask) -> str:
        stands = SEATS.get(ask.principal.removesuffix("_by_link"))
        if stands is None:
            return HIDDEN
        if ask.method == "GET" and get is not None:
            return get
        return OK if stands in open_in else otherwise

    return rule


# -- rules about a resource in the library --


def shelf(closed: str = OK) -> Rule:
    """An editor's step on a resource that they did not suggest; `closed` answers its POST."""

    def rule(ask: Ask) -> str:
        by_account = only(EDITORS)(ask)
        if by_account != OK:
            return by_account
        if ask.principal == "submitting_editor":
            return NOT_YOURS
        return closed if ask.method == "POST" else OK

    return rule


# -- rules about the application and the membership of the scene --


def of_roster(yours: set[str], staff: str = NOT_YOURS, own: str = OK, manager: str = OK) -> Rule:
    """A page for `yours` (answer: `own`) and the managers (`manager`); others of the roster's
    staff get `staff`, and everybody else learns nothing."""

    def rule(ask: Ask) -> str:
        if ask.principal in yours:
            return own
        if ask.principal in MANAGERS:
            return manager
        return staff if ask.principal in ONLOOKERS else HIDDEN

    return rule


# -- the table --

PUBLIC_PAGES: dict[str, Rule] = {
    "accounts.sign_in": everybody,
    "accounts.register": everybody,
    "accounts.reset": everybody,
    "accounts.look_in_mail": everybody,
    "health.readyz": without_a_worker,
    "metrics.metrics": everybody,
    "accounts.sign_out": everybody,
    "accounts.choose_locale": everybody,
    "library.front": everybody,
    "library.index": everybody,
    "library.facet": everybody,
    "library.topics": everybody,
    "library.topic": everybody,
    "library.how_we_review": everybody,
    "roster.apply": everybody,
    "roster.sent": everybody,
    "submissions.suggest": everybody,
    "submissions.begin": everybody,
    "health.healthz": everybody,
    "static": everybody,
    "admin.mailbox": nobody,
    "admin.mail": nobody,
    "admin.mail_html": nobody,
}
ACCOUNT_PAGES: dict[str, Rule] = {
    "accounts.notices": accounts,
    "accounts.read": accounts,
    "accounts.account": accounts,
    "accounts.end_sessions": accounts,
    "accounts.enter_code": accounts,  # without a first step it leads back to signing in
    "accounts.choose_password": by_mailed_link,
    "accounts.totp": accounts,
    "accounts.begin_totp": accounts,
    "accounts.turn_off_totp": accounts,
    "accounts.change_password": accounts,
    "reviews.index": accounts,
    "submissions.index": accounts,
    "roster.me": accounts,
    "admin.queue": only(DESK, MANAGERS),
    "admin.history": only(DESK),
    "admin.outbox": only(DESK),
    "admin.job": only(DESK, MANAGERS),
    "admin.resend": a_failed_mail,
    "roster.applications": only(ROSTER_DESK),
    "roster.members": only(ROSTER_DESK),
    "submissions.record_for": only(EDITORS),
}
SUBMISSION_PAGES: dict[str, Rule] = {
    "admin.item": on_desk,
    "submissions.show": whoever_sees,
    "submissions.file": whoever_sees,
    "submissions.sent": whoever_sees,
    "submissions.confirm": whoever_sees,
    "submissions.resume": whoever_sees,
    "submissions.save": keeping_answers,
    "submissions.detach": keeping_answers,
    "submissions.revise": verb(SUBMITTERS, {DRAFT, CHANGES}),
    "submissions.decline": verb(FREE_EDITORS, {SUBMITTED}),
    "submissions.rescreen": verb(FREE_EDITORS, set()),  # the scene's was refused after a review
    "submissions.revive": verb(FREE_EDITORS | SUBMITTERS, {WITHDRAWN}),
    "submissions.refile": verb(FREE_EDITORS, UNDER_WAY, closed=NOT_YOURS),
    "reviews.start_review": verb(FREE_EDITORS, {SUBMITTED}),
    "reviews.finish_review": verb(FREE_EDITORS, {IN_REVIEW}),
    "reviews.consult": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.request_changes": verb(FREE_EDITORS, {SUBMITTED, REVIEWED}),
    "reviews.approve": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.reject": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.reopen": verb(FREE_EDITORS, {APPROVED, REJECTED}),
    "reviews.withdraw": verb(SUBMITTERS, {DRAFT} | UNDER_WAY),
    "reviews.appeal": verb(SUBMITTERS, {REJECTED}),
    "library.publish": publishing,
}
SEAT_PAGES: dict[str, Rule] = {
    "reviews.show": seat(),
    "reviews.accept": seat("invited", "accepted"),
    "reviews.decline": seat("invited", "accepted"),
    "reviews.recuse": seat("invited", "accepted"),
    "reviews.extend": seat("accepted"),
    "reviews.save": seat("accepted"),
    "reviews.submit": seat("accepted"),
    "reviews.file": seat("accepted", "sent", otherwise=HIDDEN, get=None),
}
RESOURCE_PAGES: dict[str, Rule] = {
    "library.resource": everybody,
    "library.file": everybody,
    "library.correct": shelf(),
    "library.archive": shelf(),
    "library.restore": shelf(closed=MOVED_ON),  # it was never archived
    "library.remove": shelf(),
}
ROSTER_PAGES: dict[str, Rule] = {
    "roster.show": of_roster(APPLICANTS, staff=OK),
    "roster.cv": of_roster(APPLICANTS, staff=OK),
    "roster.confirm": of_roster(APPLICANTS, staff=OK),  # sent already: it leads to its page
    "roster.answer": of_roster(APPLICANTS, own=MOVED_ON, manager=MOVED_ON),  # nothing was asked
    "roster.withdraw": of_roster(APPLICANTS, manager=NOT_YOURS),
    "roster.ask": of_roster(APPLICANTS, own=NOT_YOURS),
    "roster.approve": of_roster(APPLICANTS, own=NOT_YOURS),
    "roster.decline": of_roster(APPLICANTS, own=NOT_YOURS),
    "roster.member": of_roster(MEMBERS, staff=OK),
    "roster.edit": of_roster(MEMBERS),
    "roster.pause": of_roster(MEMBERS),
    "roster.end": of_roster(MEMBERS),
    "roster.resume": of_roster(MEMBERS, own=MOVED_ON, manager=MOVED_ON),  # no pause to end
    "roster.renew": of_roster(MEMBERS, own=MOVED_ON, manager=MOVED_ON),  # two years to go
}
# Pages whose answer does not depend on the submission's state are asked in one state only.
IN_EVERY_STATE = SUBMISSION_PAGES
IN_ONE_STATE = {**PUBLIC_PAGES, **ACCOUNT_PAGES, **SEAT_PAGES, **ROSTER_PAGES}
ON_THE_SHELF = RESOURCE_PAGES
TABLE: dict[str, Rule] = {**IN_EVERY_STATE, **IN_ONE_STATE, **ON_THE_SHELF}
