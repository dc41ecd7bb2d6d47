"""Changing the roster: applications, and the memberships that they become."""

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
from reviewhub.roster.operations.memberships import edit, end, join, pause, renew, resume

__all__ = [
    "answer",
    "apply",
    "approve",
    "ask",
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
