"""Everything that changes a review: one function per verb, in the order of the workflow.

Each one locks the submission first, moves states, records the event and promises the mails, all
in the caller's transaction. None commits.
"""

from reviewhub.reviews.operations.affiliations import look_at_conflicts
from reviewhub.reviews.operations.answers import accept, decline, extend, follow, recuse
from reviewhub.reviews.operations.assigning import Changed, assign, outlook
from reviewhub.reviews.operations.batches import (
    apply_batch,
    change_batch,
    confirm_batch,
    give_up_batch,
    plan_batch,
    start_batch,
    sweep_batches,
)
from reviewhub.reviews.operations.clocks import expire, remind_owner, stand_in, tick
from reviewhub.reviews.operations.decisions import approve, reject, reopen, request_changes
from reviewhub.reviews.operations.drafts import save
from reviewhub.reviews.operations.endings import appeal, lapse, withdraw
from reviewhub.reviews.operations.more_time import ask_for_time, refuse_time
from reviewhub.reviews.operations.panels import cancel, fill, invite, surpass
from reviewhub.reviews.operations.pauses import set_clock
from reviewhub.reviews.operations.policies import adopt_policy, change_policy
from reviewhub.reviews.operations.questions import (
    forward_question,
    pass_back,
    raise_question,
    remind_question,
    reply_to_question,
)
from reviewhub.reviews.operations.reaching import disown, renew
from reviewhub.reviews.operations.recording import (
    correct,
    record_no,
    record_review,
    record_yes,
)
from reviewhub.reviews.operations.results import consult, finish_review
from reviewhub.reviews.operations.screening import preview, start_review
from reviewhub.reviews.operations.seats import (
    ask,
    ask_again,
    forget,
    give_time,
    keep,
    let_go,
    pause,
    resume,
)
from reviewhub.reviews.operations.signing import confirm_decision, send_back, take_back
from reviewhub.reviews.operations.texts import compare_items, encode_texts, read_texts
from reviewhub.reviews.operations.unscreened import screen
from reviewhub.reviews.operations.writing import give_up, return_, submit

__all__ = [
    "Changed",
    "accept",
    "adopt_policy",
    "appeal",
    "apply_batch",
    "approve",
    "ask",
    "ask_again",
    "ask_for_time",
    "assign",
    "cancel",
    "change_batch",
    "change_policy",
    "compare_items",
    "confirm_batch",
    "confirm_decision",
    "consult",
    "correct",
    "decline",
    "disown",
    "encode_texts",
    "expire",
    "extend",
    "fill",
    "finish_review",
    "follow",
    "forget",
    "forward_question",
    "give_time",
    "give_up",
    "give_up_batch",
    "invite",
    "keep",
    "lapse",
    "let_go",
    "look_at_conflicts",
    "outlook",
    "pass_back",
    "pause",
    "plan_batch",
    "preview",
    "raise_question",
    "read_texts",
    "record_no",
    "record_review",
    "record_yes",
    "recuse",
    "refuse_time",
    "reject",
    "remind_owner",
    "remind_question",
    "renew",
    "reopen",
    "reply_to_question",
    "request_changes",
    "resume",
    "return_",
    "save",
    "screen",
    "send_back",
    "set_clock",
    "stand_in",
    "start_batch",
    "start_review",
    "submit",
    "surpass",
    "sweep_batches",
    "take_back",
    "tick",
    "withdraw",
]
