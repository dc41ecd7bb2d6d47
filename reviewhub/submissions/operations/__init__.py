"""Changing submissions: suggesting, screening, filing, and what time does. The edge commits."""

from reviewhub.submissions.operations.cleaning import ask_for_clean_copies, clean
from reviewhub.submissions.operations.clocks import remind_changes, remind_confirm, remind_screening
from reviewhub.submissions.operations.drafts import adopt, attach, begin, detach, fill, save
from reviewhub.submissions.operations.messages import (
    answer,
    ask,
    correct_answer,
    record_answer,
    remind_question,
)
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
from reviewhub.submissions.operations.uploads import (
    add_chunk,
    begin_upload,
    give_up_upload,
    sweep,
)

__all__ = [
    "Refiling",
    "add_chunk",
    "adopt",
    "answer",
    "ask",
    "ask_for_clean_copies",
    "ask_to_confirm",
    "assign_editor",
    "attach",
    "begin",
    "begin_upload",
    "clean",
    "confirm",
    "correct_answer",
    "decline",
    "detach",
    "fill",
    "give_up_upload",
    "record_answer",
    "record_for",
    "refile",
    "remind_changes",
    "remind_confirm",
    "remind_question",
    "remind_screening",
    "rescreen",
    "revise",
    "revive",
    "save",
    "submit",
    "sweep",
]
