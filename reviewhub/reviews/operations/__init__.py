"""Everything that changes a review: one function per verb, in the order of the workflow.

Each one locks the submission first, moves states, records the event and promises the mails, all
in the caller's transaction. None commits.
"""

from reviewhub.reviews.operations.answers import accept, decline, extend, recuse
from reviewhub.reviews.operations.clocks import expire, remind_owner, tick
from reviewhub.reviews.operations.decisions import approve, reject, reopen, request_changes
from reviewhub.reviews.operations.endings import appeal, lapse, withdraw
from reviewhub.reviews.operations.panels import cancel, fill, invite, surpass
from reviewhub.reviews.operations.policies import adopt_policy
from reviewhub.reviews.operations.results import consult, finish_review
from reviewhub.reviews.operations.screening import preview, start_review
from reviewhub.reviews.operations.writing import give_up, return_, save, submit

__all__ = [
    "accept",
    "adopt_policy",
    "appeal",
    "approve",
    "cancel",
    "consult",
    "decline",
    "expire",
    "extend",
    "fill",
    "finish_review",
    "give_up",
    "invite",
    "lapse",
    "preview",
    "recuse",
    "reject",
    "remind_owner",
    "reopen",
    "request_changes",
    "return_",
    "save",
    "start_review",
    "submit",
    "surpass",
    "tick",
    "withdraw",
]
