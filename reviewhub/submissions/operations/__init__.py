"""Changing submissions: suggesting, screening, filing, and what time does. The edge commits."""

from reviewhub.submissions.operations.clocks import remind_changes, remind_confirm, remind_screening
from reviewhub.submissions.operations.drafts import adopt, attach, begin, detach, fill, save
from reviewhub.submissions.operations.owners import assign_editor
from reviewhub.submissions.operations.refiling import Refiling, refile
from reviewhub.submissions.operations.screening import decline, rescreen, revive
from reviewhub.submissions.operations.sending import (
    ask_to_confirm,
    confirm,
    record_for,
    revise,
    submit,
)

__all__ = [
    "Refiling",
    "adopt",
    "ask_to_confirm",
    "assign_editor",
    "attach",
    "begin",
    "confirm",
    "decline",
    "detach",
    "fill",
    "record_for",
    "refile",
    "remind_changes",
    "remind_confirm",
    "remind_screening",
    "rescreen",
    "revise",
    "revive",
    "save",
    "submit",
]
