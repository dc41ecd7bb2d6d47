"""Which step tells which mails, for every step that the history knows; drawn in docs/mails.md.

A step with an empty entry tells nobody by mail: who has to know sees it on their page. What time
does by itself is no step of anybody's and stands in BY_THE_CLOCK. A test holds the table to the
code in both directions.
"""

from collections.abc import Mapping
from types import ModuleType

from reviewhub.accounts import emails as accounts
from reviewhub.admin import emails as admin
from reviewhub.core.i18n import _l
from reviewhub.library import emails as library
from reviewhub.notifications.kinds import WHOLE_DIGEST, Kind
from reviewhub.notifications.outbox import DIGEST
from reviewhub.reviews import emails as reviews
from reviewhub.reviews import seat_emails, telling
from reviewhub.roster import emails as roster
from reviewhub.submissions import emails as submissions

Events = tuple[str, ...]
NOBODY: Events = ()
_DECIDED = ("reviews/approve", "reviews/reject", "reviews/outcome")

# By kind of object, then by verb.
TELLS: Mapping[str, Mapping[str, Events]] = {
    "submissions": {
        "create": NOBODY,
        "confirm": NOBODY,  # what follows is `submit`
        "submit": ("submissions/submit", "submissions/new", "submissions/revise"),
        "start_review": ("reviews/start_review",),
        "decline": ("submissions/decline",),
        "finish_review": NOBODY,  # the round's `close` tells it
        "consult": ("reviews/consult",),
        "request_changes": ("reviews/request_changes",),
        "approve": ("reviews/approve", "reviews/outcome"),
        "reject": ("reviews/reject", "reviews/outcome"),
        "publish": ("library/publish",),
        "withdraw": ("reviews/withdraw", "reviews/withdrawn", "reviews/take_back"),
        "lapse": ("reviews/lapse",),
        "revive": ("submissions/revive", "submissions/new"),
        "appeal": ("reviews/appeal", "reviews/appealed"),
        "reopen": ("reviews/reopen",),
        "rescreen": ("submissions/rescreen",),
        "refile": NOBODY,  # its difference stands on the item's page
        "ask": ("submissions/ask",),
        "answer": ("submissions/answer",),
        "record_for": ("submissions/record_for", "submissions/new"),
        "record_answer": ("submissions/record_answer",),
        "correct_answer": ("submissions/answer",),
        "take": NOBODY,
        "escalate": ("submissions/escalate", "reviews/stand_in"),
        "wait_for_owner": NOBODY,
        "propose": ("reviews/propose",),
        "confirm_decision": ("reviews/confirm_decision", *_DECIDED),
        "send_back": ("reviews/send_back",),
        "take_back": ("reviews/take_back",),
        "decide_alone": _DECIDED,
    },
    "assignments": {
        "propose": NOBODY,
        "choose": NOBODY,
        "invite": ("reviews/invite",),
        "ask_again": ("reviews/invite",),
        "accept": ("reviews/accept",),
        "decline": ("reviews/decline",),
        "expire": ("reviews/expire", "reviews/bounce"),
        "recuse": ("reviews/decline",),
        "extend": ("reviews/extend",),
        "give_time": ("reviews/extend",),
        "ask_for_time": ("reviews/ask_for_time",),
        "refuse_time": ("reviews/refuse_time",),
        "relieve": NOBODY,  # whoever is asked beside them is told by `invite`
        "submit": ("reviews/submit",),
        "submit_late": ("reviews/submit",),
        "give_up": ("reviews/submit",),
        "return_": ("reviews/return_",),
        "correct": ("reviews/correct",),
        "cancel": ("reviews/cancel", "reviews/call_off"),
        "surpass": ("reviews/cancel",),
        "raise_question": ("reviews/raise_question",),
        "forward_question": NOBODY,  # the submission's `ask` tells the submitter
        "reply_to_question": ("reviews/reply_to_question",),
        "record_for": ("reviews/record_for",),
        "disown": ("reviews/renew",),
        "follow": NOBODY,
        "unfollow": NOBODY,
        "wait_for_answer": NOBODY,
        "go_on": NOBODY,
        "find_conflict": ("reviews/find_conflict", "reviews/take_off"),
        "clear_conflict": NOBODY,  # the panel's page says it no more
        "keep": NOBODY,
    },
    "review_rounds": {
        "open": NOBODY,
        "close": ("reviews/finish_review",),
        "pause": NOBODY,
        "resume": NOBODY,
        "ask_first": NOBODY,  # the seat's `invite` tells them
        "forget": NOBODY,
    },
    "roster_applications": {
        "apply": ("roster/confirm",),
        "submit": ("roster/submit", "roster/new"),
        "ask": ("roster/ask",),
        "answer": ("roster/answer",),
        "assess": ("roster/assess", "roster/break_tie"),
        "approve": ("roster/approve",),
        "decline": ("roster/decline",),
        "withdraw": ("roster/withdraw",),
        "lapse": NOBODY,  # a draft that nobody confirmed; the others are closed by the clock
    },
    "roster_invitations": {
        "invite": ("roster/invite",),
        "change": NOBODY,  # the page shows it
        "accept": ("roster/approve",),
        "decline": NOBODY,
        "lapse": NOBODY,
    },
    "roster_memberships": {
        "join": NOBODY,  # the application's `approve` tells it
        "edit": NOBODY,
        "pause": ("roster/pause",),
        "plan_pause": ("roster/pause",),
        "extend_pause": ("roster/pause",),
        "ask_return": ("roster/ask_return",),
        "call_off_pause": ("roster/resume",),
        "resume": ("roster/resume",),
        "renew": NOBODY,  # the page says it at once
        "extend_term": NOBODY,
        "end": ("roster/end", "roster/leave"),
        "begin_practice": NOBODY,  # the page says what comes next
        "finish_practice": NOBODY,
    },
    "resources": {
        "publish": ("library/publish",),
        "check_in": NOBODY,  # nobody suggested it
        "correct": ("library/correct",),
        "archive": ("library/archive",),
        "restore": ("library/restore",),
        "remove": ("library/remove",),
        "look_over": NOBODY,
    },
    "people": {
        "register": ("accounts/register",),
        "reset": ("accounts/reset",),
        "confirm": NOBODY,
        "choose_password": ("accounts/password_changed",),
        "change_password": ("accounts/password_changed",),
        "set_password": NOBODY,
        "connect_identity": ("accounts/identity_connected",),
        "ask_to_connect": ("accounts/connect_identity",),
        "bounce": ("accounts/bounce",),
        "correct_address": NOBODY,
        "choose_mails": NOBODY,
        "stop_mails": NOBODY,
        "merge": ("admin/merge",),
        "plan_erasure": ("admin/plan_erasure",),
        "cancel_erasure": NOBODY,  # the page says it at once
        "erase": NOBODY,  # there is nobody left to write to
        "grant": NOBODY,
    },
    "review_policies": {"adopt_policy": NOBODY},
    "outbox": {"resend": NOBODY},  # the same mail goes out once more
}

BY_THE_CLOCK: Mapping[str, str] = {
    "submissions/confirm": _l("a guest asks for the link, or sends without a confirmed address"),
    "submissions/remind_confirm": _l("the guest has not pressed the button"),
    "submissions/remind_screening": _l("a suggestion is not screened by its date"),
    "submissions/remind_changes": _l("the changed version is due soon"),
    "submissions/remind_answer": _l("a question to the submitter is without an answer"),
    "reviews/remind_invitation": _l("an invitation is without an answer"),
    "reviews/remind_review": _l("a review is due, or late"),
    "reviews/remind_owner": _l("a decision is past its date"),
    "reviews/remind_question": _l("a reviewer’s question waits"),
    "reviews/shortage": _l("a seat can’t be filled from the roster"),
    "reviews/renew": _l("a reviewer asks for a new link"),
    "roster/remind": _l("a question to an applicant is without an answer"),
    "roster/lapse": _l("an applicant has not answered in the end"),
    "roster/overdue": _l("an application is past its promised date"),
    "roster/escalate": _l("reminders of an application had no effect"),
    "roster/renew": _l("a term ends soon"),
    "roster/end": _l("a term is over"),
    "roster/resume": _l("a pause is over"),
    "admin/monday": _l("the week begins, and something waits"),
    DIGEST: _l("the morning comes, and something has happened"),
}

SENDERS: Mapping[str, tuple[ModuleType, ...]] = {
    "accounts": (accounts,),
    "admin": (admin,),
    "library": (library,),
    "reviews": (reviews, seat_emails),
    "roster": (roster,),
    "submissions": (submissions,),
}
_CAN_WAIT: Mapping[str, Mapping[str, Kind]] = {
    "accounts": accounts.CAN_WAIT,
    "admin": admin.CAN_WAIT,
    "library": library.CAN_WAIT,
    "reviews": telling.CAN_WAIT,
    "roster": roster.CAN_WAIT,
    "submissions": submissions.CAN_WAIT,
}

# Where the sender has the name of the step, because the mail shares its words with another one.
_ALIASES = {"reviews/record_for": "record_answer"}


def kind_of(event: str) -> str:
    """What kind of mail this is; nothing for one that always goes out at once."""
    if event == DIGEST:
        return WHOLE_DIGEST
    package, _slash, verb = event.partition("/")
    return _CAN_WAIT[package].get(verb, "")


def said_by(event: str) -> str:
    """What the mail's sender says of it: "To the editor: …"."""
    package, _slash, verb = event.partition("/")
    for module in SENDERS.get(package, ()):
        sender = getattr(module, verb, None) or getattr(module, _ALIASES.get(event, ""), None)
        if sender is not None:
            return " ".join((sender.__doc__ or "").split())
    return ""


def steps_of(event: str) -> list[tuple[str, str]]:
    """The steps that tell this mail, as kind of object and verb."""
    return [
        (kind, verb)
        for kind, verbs in TELLS.items()
        for verb, events in verbs.items()
        if event in events
    ]
