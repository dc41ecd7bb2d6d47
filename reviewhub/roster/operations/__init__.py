"""Changing the roster: applications, and the memberships that they become."""

from reviewhub.roster.operations.absences import call_off, pause
from reviewhub.roster.operations.applications import (
    answer,
    apply,
    approve,
    ask,
    confirm,
    decline,
    lapse,
    submit,
    withdraw,
)
from reviewhub.roster.operations.assessing import assess
from reviewhub.roster.operations.memberships import ask_return, edit, end, join, renew, resume

__all__ = [
    "answer",
    "apply",
    "approve",
    "ask",
    "ask_return",
    "assess",
    "call_off",
    "confirm",
    "decline",
    "edit",
    "end",
    "join",
    "lapse",
    "pause",
    "renew",
    "resume",
    "submit",
    "withdraw",
]
