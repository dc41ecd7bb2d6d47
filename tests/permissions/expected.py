"""Who gets what answer from every page of ReviewHub, written by hand and apart from the code.

One line per endpoint: a rule, which gives for each principal, method and state of the submission
one of six answers. Nothing here asks the code under test.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.submissions.test_workflow import EXPECTED

OK, SIGN_IN, NOT_YOURS, HIDDEN, MOVED_ON = "ok", "sign in", "403", "404", "409"
CLOSED = "403 at the door"  # before anything is looked up

# -- who is who --

NO_ACCOUNT = {
    "anonymous", "half_way", "suspended", "submitter_by_link", "applicant_by_link",
    "idle_member_by_link", "other_link",
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
MEMBERS = {"idle_member", "idle_member_by_link"}
INVITED = {"registered"}  # to the roster, by a list

# -- where a submission can be --

DRAFT, SUBMITTED, IN_REVIEW, REVIEWED = "draft", "submitted", "in_review", "reviewed"
CHANGES, APPROVED, REJECTED = "changes_requested", "approved", "rejected"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
STATES = tuple(
    dict.fromkeys(
        state for sources, target, _who in EXPECTED.values() for state in [*sources.split(), target]
    )
)
UNDER_WAY = set(STATES) - {DRAFT, REJECTED, PUBLISHED, WITHDRAWN}


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


def between_two_steps(ask: Ask) -> str:
    """Who gave a password and no code yet; whoever gave neither is led back to signing in."""
    return OK if ask.principal == "half_way" else accounts(ask)


def own_membership(ask: Ask) -> str:
    """Whoever is signed in, and members by the link of their application."""
    return OK if ask.principal in MEMBERS else accounts(ask)


def by_mailed_link(ask: Ask) -> str:
    """One's own password: signed in, or with a link that nobody of the scene was mailed."""
    return "410" if ask.principal in NO_ACCOUNT else OK


def of_somebody_else(ask: Ask) -> str:
    """A step on what nobody of the scene has: to whoever is signed in, it is not there."""
    return SIGN_IN if ask.principal in NO_ACCOUNT else HIDDEN


def only(*groups: set[str]) -> Rule:
    """Accounts with a role; other accounts are told that it is not for them."""

    def rule(ask: Ask) -> str:
        if ask.principal in NO_ACCOUNT:
            return SIGN_IN
        return OK if any(ask.principal in group for group in groups) else CLOSED

    return rule


def correcting_an_address(ask: Ask) -> str:
    """An administrator's, while mail to somebody comes back; in the scene it arrives."""
    by_account = only({"admin"})(ask)
    return MOVED_ON if by_account == OK and ask.method == "POST" else by_account


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


def answering(ask: Ask) -> str:
    """The submitter's answer, for which nothing was asked: a page leads on, a sending is late."""
    if not sees(ask):
        return HIDDEN
    if ask.principal not in SUBMITTERS:
        return NOT_YOURS
    return OK if ask.method == "GET" else MOVED_ON


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


def no_such_list(ask: Ask) -> str:
    """A roster manager's; the scene's job is another one than a list of people."""
    by_account = only(MANAGERS)(ask)
    return HIDDEN if by_account == OK else by_account


def kept_list(ask: Ask) -> str:
    """A list that the handling editor keeps: to whoever else has a desk, it is not there."""
    by_account = only(DESK)(ask)
    if by_account != OK or ask.principal == "handling_editor":
        return by_account
    return HIDDEN


def own_plan(ask: Ask) -> str:
    """Panels that the handling editor had planned: to other editors they are not there."""
    by_account = only(EDITORS)(ask)
    return HIDDEN if by_account == OK and ask.principal != "handling_editor" else by_account


def confirming_a_plan(ask: Ask) -> str:
    """The same; what is sent here was looked at never, so it is another plan than the one there."""
    by_plan = own_plan(ask)
    return MOVED_ON if by_plan == OK else by_plan


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


def hand_on_seat(*, open_now: bool) -> Rule:
    """An editor's step on the scene's seat; to whoever may not see the panel there is no seat."""

    def rule(ask: Ask) -> str:
        if not sees(ask):
            return HIDDEN
        if ask.principal in ONLOOKERS:
            return NOT_YOURS
        if ask.principal not in FREE_EDITORS:
            return HIDDEN
        return OK if open_now and ask.state == IN_REVIEW else MOVED_ON

    return rule


def on_question(ask: Ask) -> str:
    """An editor's step on the question of the scene's reviewer, which waits."""
    if not sees(ask):
        return HIDDEN
    if ask.principal in ONLOOKERS:
        return NOT_YOURS
    if ask.principal not in FREE_EDITORS:
        return HIDDEN
    return OK if ask.state in UNDER_WAY else MOVED_ON


def issuing(ask: Ask) -> str:
    """A receipt for one's own review, once it is sent: a link may have been passed on."""
    if ask.principal not in SEATS or ask.principal in NO_ACCOUNT:
        return HIDDEN
    return OK if SEATS[ask.principal] == "sent" else MOVED_ON


def certifying(ask: Ask) -> str:
    """A certificate of a year in which nobody of the scene has reviewed."""
    return SIGN_IN if ask.principal in NO_ACCOUNT else MOVED_ON


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


def leaving_the_roster(ask: Ask) -> str:
    """Who has an account signs in for it: the link of a mail may have been passed on."""
    return SIGN_IN if ask.principal == "idle_member_by_link" else of_roster(MEMBERS)(ask)


def invited(ask: Ask) -> str:
    """What a list says of somebody is for them alone."""
    return OK if ask.principal in INVITED else HIDDEN


def practising(own: str = OK) -> Rule:
    """The member's own review for practice; accounts beside the roster learn nothing."""

    def rule(ask: Ask) -> str:
        return own if ask.principal in MEMBERS else of_somebody_else(ask)

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
    "accounts.leave": nobody,  # without a provider in the settings
    "accounts.arrive": nobody,
    "accounts.connect": by_mailed_link,
    "accounts.ask_to_connect": by_mailed_link,
    "accounts.choose_locale": everybody,
    "hooks.bounces": nobody,  # without a secret in the settings
    "library.front": everybody,
    "library.index": everybody,
    "library.facet": everybody,
    "library.topics": everybody,
    "library.topic": everybody,
    "library.how_we_review": everybody,
    "roster.apply": everybody,
    "roster.experts": everybody,
    "reviews.verify": everybody,
    "reviews.receipt": everybody,  # who has its address
    "reviews.receipt_file": everybody,
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
    "accounts.part": of_somebody_else,
    "accounts.enter_code": between_two_steps,
    "accounts.choose_password": by_mailed_link,
    "accounts.mail_choices": accounts,
    "accounts.stop_mails": by_mailed_link,
    "accounts.correct_address": correcting_an_address,
    "accounts.totp": accounts,
    "accounts.begin_totp": accounts,
    "accounts.turn_off_totp": accounts,
    "accounts.change_password": accounts,
    "reviews.index": accounts,
    "reviews.record": accounts,
    "reviews.certify": certifying,
    "reviews.issue": issuing,
    "reviews.revoke": nobody,  # the scene's receipt is somebody else's
    "reviews.policies": only(DESK),
    "reviews.change_policy": only(EDITORS, {"admin"}),
    "submissions.index": accounts,
    "roster.me": own_membership,
    "admin.queue": only(DESK, MANAGERS),
    "admin.keep_list": only(DESK),
    "admin.queue_file": only(DESK),
    "admin.history_file": only(DESK),
    "admin.outbox_file": only(DESK),
    "admin.forget_list": kept_list,
    "admin.screening": only(EDITORS),
    "admin.screen": only(EDITORS),
    "assigning.choose": only(EDITORS),
    "assigning.start": only(EDITORS),
    "assigning.show": own_plan,
    "assigning.confirm": confirming_a_plan,
    "assigning.change": own_plan,
    "admin.deciding": only(EDITORS),
    "admin.decide": only(EDITORS),
    "admin.history": only(DESK),
    "library.dead_links": only(DESK),
    "library.second_looks": only(DESK),
    "library.dead_links_file": only(DESK),
    "admin.outbox": only(DESK),
    "admin.job": only(DESK, MANAGERS),
    "admin.resend": a_failed_mail,
    "people.own_data": accounts,
    "people.export": accounts,
    "people.plan_erasure": accounts,
    "people.cancel_erasure": accounts,
    "people.index": only({"admin"}),
    "people.person": only({"admin"}),
    "people.merge": only({"admin"}),
    "people.erase": only({"admin"}),
    "roster.applications": only(ROSTER_DESK),
    "roster.members": only(ROSTER_DESK),
    "reviews.load_file": only(ROSTER_DESK),
    "coverage.show": only(ROSTER_DESK),
    "coverage.file": only(ROSTER_DESK),
    "roster.import_list": only(MANAGERS),
    "roster.import_template": only(MANAGERS),
    "roster.imported": no_such_list,
    "roster.refused_rows": no_such_list,
    "roster.apply_list": no_such_list,
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
    "submissions.attach": verb(SUBMITTERS, {DRAFT, CHANGES}),
    "submissions.begin_upload": verb(SUBMITTERS, {DRAFT, CHANGES}),
    "submissions.add_chunk": verb(SUBMITTERS, {DRAFT, CHANGES}),
    "submissions.revise": verb(SUBMITTERS, {DRAFT, CHANGES}),
    "submissions.ask": verb(FREE_EDITORS, UNDER_WAY),
    "submissions.answer": answering,
    "submissions.record_answer": verb(FREE_EDITORS, set()),  # the scene's question was answered
    "submissions.decline": verb(FREE_EDITORS, {SUBMITTED}),
    "submissions.rescreen": verb(FREE_EDITORS, set()),  # the scene's was refused after a review
    "submissions.revive": verb(FREE_EDITORS | SUBMITTERS, {WITHDRAWN}),
    "submissions.refile": verb(FREE_EDITORS, UNDER_WAY, closed=NOT_YOURS),
    "reviews.start_review": verb(FREE_EDITORS, {SUBMITTED}),
    "reviews.panel": verb(FREE_EDITORS, {IN_REVIEW}),
    "reviews.reasons": verb(FREE_EDITORS, set(STATES)),  # the scene's panel was asked in each
    "reviews.people": verb(FREE_EDITORS, {SUBMITTED, IN_REVIEW}),
    "reviews.what_if": verb(FREE_EDITORS, {SUBMITTED, IN_REVIEW}),
    "reviews.assign": verb(FREE_EDITORS, {SUBMITTED, IN_REVIEW}),
    "reviews.pause": verb(FREE_EDITORS, {IN_REVIEW}),
    "reviews.resume": verb(FREE_EDITORS, set()),  # the scene's panel is not paused
    "reviews.ask": verb(FREE_EDITORS, {IN_REVIEW}),
    "reviews.forget": verb(FREE_EDITORS, set()),  # nobody is in the line
    "reviews.let_go": hand_on_seat(open_now=True),
    "reviews.give_time": hand_on_seat(open_now=True),
    "reviews.keep": hand_on_seat(open_now=False),  # nobody of the scene has changed employer
    "reviews.ask_again": hand_on_seat(open_now=False),
    "reviews.refuse_time": hand_on_seat(open_now=False),  # nobody of the scene asks for more
    "reviews.record_for": hand_on_seat(open_now=True),
    "reviews.forward_question": on_question,
    "reviews.reply_to_question": on_question,
    "reviews.return_": hand_on_seat(open_now=False),  # their review has not come yet
    "reviews.finish_review": verb(FREE_EDITORS, {IN_REVIEW}),
    "reviews.consult": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.request_changes": verb(FREE_EDITORS, {SUBMITTED, REVIEWED}),
    "reviews.approve": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.reject": verb(FREE_EDITORS, {REVIEWED}),
    "reviews.reopen": verb(FREE_EDITORS, {APPROVED, REJECTED}),
    "reviews.confirm_decision": verb(FREE_EDITORS, set()),  # nothing waits for a second person
    "reviews.send_back": verb(FREE_EDITORS, set()),
    "reviews.take_back": verb(FREE_EDITORS, set()),
    "reviews.withdraw": verb(SUBMITTERS, {DRAFT} | UNDER_WAY),
    "reviews.appeal": verb(SUBMITTERS, {REJECTED}),
    "library.publish": publishing,
}
SEAT_PAGES: dict[str, Rule] = {
    "reviews.show": seat(),
    "reviews.accept": seat("invited", "accepted"),
    "reviews.decline": seat("invited", "accepted"),
    "reviews.recuse": seat("invited", "accepted"),
    "reviews.follow": seat("sent"),
    "reviews.extend": seat("accepted"),
    "reviews.save": seat("accepted"),
    "reviews.submit": seat("accepted"),
    "reviews.file": seat("accepted", "sent", otherwise=HIDDEN, get=None),
    "reviews.due_date": seat("accepted", "sent", otherwise=HIDDEN, get=None),
    "reviews.send_link": seat("invited", "accepted", "sent", "declined", "recused"),
    "reviews.disown": seat("invited", "accepted", "sent"),
    "reviews.raise_question": seat("accepted", get=None),
    "reviews.correct": seat(),  # nothing was entered for anybody of the scene
    "reviews.renew": everybody,  # who holds no older link hears the same, and no mail goes out
}
RESOURCE_PAGES: dict[str, Rule] = {
    "library.resource": everybody,
    "library.file": everybody,
    "library.correct": shelf(),
    "library.archive": shelf(),
    "library.look_over": shelf(),
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
    "roster.assess": of_roster(APPLICANTS, own=NOT_YOURS),
    "roster.accept_invitation": invited,
    "roster.decline_invitation": invited,
    "roster.member": of_roster(MEMBERS, staff=OK),
    "roster.edit": of_roster(MEMBERS),
    "roster.pause": of_roster(MEMBERS),
    "roster.introduce": of_roster(MEMBERS),
    "roster.publications": of_roster(MEMBERS),
    "roster.remove_publication": of_roster(MEMBERS),
    "roster.end": leaving_the_roster,
    "roster.resume": of_roster(MEMBERS),
    "roster.call_off": of_roster(MEMBERS),
    "reviews.load": of_roster(MEMBERS, staff=OK),
    "roster.ask_return": of_roster(MEMBERS, own=MOVED_ON, manager=NOT_YOURS),  # they serve
    "roster.renew": of_roster(MEMBERS, own=MOVED_ON, manager=MOVED_ON),  # two years to go
}
ROSTER_PAGES |= {
    "library.practice": practising(),
    "library.begin_practice": practising(MOVED_ON),  # it is begun already
    "library.save_practice": practising(),
    "library.send_practice": practising(),
}
# Pages whose answer does not depend on the submission's state are asked in one state only.
IN_EVERY_STATE = SUBMISSION_PAGES
IN_ONE_STATE = {**PUBLIC_PAGES, **ACCOUNT_PAGES, **SEAT_PAGES, **ROSTER_PAGES}
ON_THE_SHELF = RESOURCE_PAGES
TABLE: dict[str, Rule] = {**IN_EVERY_STATE, **IN_ONE_STATE, **ON_THE_SHELF}
