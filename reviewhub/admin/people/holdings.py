"""Every column that says who somebody is, and what becomes of it when people are merged or erased.

A test holds the table to the database: a new reference to people has to be thought of here. What a
row keeps after an erasure, it keeps under a pseudonym.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reviewhub.core.db import Model


class Merge(StrEnum):
    """What becomes of the rows of an account that is merged into another one."""

    MOVE = "move"
    MOVE_OR_DROP = "move, unless the other account has the same"
    DROP = "drop"
    LINK = "move, and what stands in older mails opens nothing any more"


class Erase(StrEnum):
    """What becomes of the rows of somebody who is erased."""

    KEEP = "keep"
    DELETE = "delete"
    EMPTY = "empty"


@dataclass(frozen=True)
class Holding:
    """One column: what merging and erasing do, what is emptied, and what a person is given."""

    merge: Merge
    erase: Erase
    empties: Mapping[str, Any] = field(default_factory=dict)
    exports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Rows that hang on a row of somebody's by a column, and what of them a person is given."""

    table: str
    column: str
    of: str
    exports: tuple[str, ...]


PSEUDONYM = "the pseudonym"  # as a value to be put there

_MOVED, _KEPT, _DELETED = Merge.MOVE, Erase.KEEP, Erase.DELETE
_TRACE = Holding(_MOVED, _KEPT)  # who did something, in a record that stays
_APPLICATION = (
    "ref", "state", "name", "organisation_name", "internal", "country", "languages", "topics",
    "years_experience", "statement", "cv", "competing_interests", "capacity", "consented_at",
    "created_at", "submitted_at", "question", "answer", "decided_at", "reason", "decision_text",
    "may_reapply_on",
)  # fmt: skip
_MEMBERSHIP = (
    "id", "state", "internal", "government", "languages", "languages_written", "regions", "themes",
    "backgrounds", "gender", "years_experience", "statement", "competing_interests", "capacity",
    "list_publicly", "sector", "orcid", "joined_at", "term_ends_on", "ended_at",
)  # fmt: skip
_SUBMISSION = (
    "id", "ref", "state", "title", "title_en", "description", "why_useful", "url", "language",
    "publisher", "authors", "published_on", "details", "scope", "breadth", "licence", "relation",
    "for_government", "consented_at", "changes_wanted", "response_note", "created_at",
    "submitted_at",
)  # fmt: skip
_ASSIGNMENT = (
    "id", "submission_id", "state", "invited_at", "answer_by", "answered_at", "conflict_denied_at",
    "due_at", "submitted_at", "decline_reason", "decline_note", "follows",
)  # fmt: skip

HOLDINGS: Mapping[str, Holding] = {
    "people.merged_into_id": Holding(_MOVED, _KEPT, exports=("email",)),
    "audit_events.actor_id": Holding(_MOVED, _KEPT, exports=("at", "object_type", "verb")),
    "declared_conflicts.person_id": Holding(
        _MOVED, _DELETED, exports=("country", "reason", "declared_at")
    ),
    "declared_conflicts.other_person_id": Holding(_MOVED, _DELETED),
    "entered_for.person_id": Holding(
        _MOVED, _KEPT, exports=("verb", "received_on", "entered_at", "corrected_at")
    ),
    "entered_for.entered_by_id": _TRACE,
    "identities.person_id": Holding(
        _MOVED, _DELETED, exports=("issuer", "shown", "created_at", "used_at")
    ),
    "jobs.started_by_id": Holding(_MOVED, _KEPT, exports=("kind", "state", "created_at")),
    "links.person_id": Holding(Merge.LINK, _DELETED),
    "mail_choices.person_id": Holding(Merge.MOVE_OR_DROP, _DELETED, exports=("kind", "how")),
    "outbox.recipient_id": Holding(
        Merge.MOVE_OR_DROP, Erase.EMPTY,
        {"context": {}, "reply_to": "", "last_error": ""},
        exports=("event", "address", "state", "created_at", "sent_at"),
    ),
    "notices.person_id": Holding(_MOVED, _DELETED, exports=("event", "created_at", "read_at")),
    "panel_batches.started_by_id": _TRACE,
    "panel_choices.made_by_id": _TRACE,
    "practice_reviews.person_id": Holding(
        Merge.MOVE_OR_DROP, _DELETED,
        exports=("answers", "recommendation", "started_at", "sent_at"),
    ),
    "provider_visits.person_id": Holding(Merge.DROP, _DELETED),
    "receipts.person_id": Holding(
        Merge.MOVE_OR_DROP, _DELETED, exports=("year", "completed_on", "issued_at")
    ),
    "recovery_codes.person_id": Holding(Merge.DROP, _DELETED),
    "review_policies.created_by_id": _TRACE,
    "reviewer_texts.person_id": Holding(Merge.DROP, _DELETED),  # counted anew from what is there
    "roster_applications.person_id": Holding(
        _MOVED, Erase.EMPTY,
        {
            "name": PSEUDONYM, "organisation_name": "", "country": "", "languages": [],
            "topics": {}, "statement": "", "cv": {}, "competing_interests": "",
            "question": "", "answer": "", "decision_text": "", "years_experience": 0,
        },
        exports=_APPLICATION,
    ),
    "roster_applications.decided_by_id": _TRACE,
    "roster_applications.owner_id": _TRACE,
    "roster_assessments.person_id": Holding(
        Merge.MOVE_OR_DROP, _KEPT, exports=("marks", "note", "vote", "given_at")
    ),
    "roster_invitations.person_id": Holding(
        Merge.MOVE_OR_DROP, _DELETED, exports=("answers", "invited_at", "lapses_at", "declined_at")
    ),
    "roster_invitations.invited_by_id": _TRACE,
    "roster_memberships.person_id": Holding(
        _MOVED, Erase.EMPTY,
        {
            "government": "", "languages": [], "languages_written": [], "regions": [],
            "themes": [], "backgrounds": [], "gender": sa.null(), "years_experience": 0,
            "statement": "", "competing_interests": "", "list_publicly": False, "sector": "",
            "orcid": "", "return_asked_at": sa.null(),
        },
        exports=_MEMBERSHIP,
    ),
    "saved_lists.person_id": Holding(
        Merge.MOVE_OR_DROP, _DELETED, exports=("name", "query", "created_at")
    ),
    "second_factors.person_id": Holding(
        Merge.DROP, _DELETED, exports=("created_at", "confirmed_at")
    ),
    "sessions.person_id": Holding(
        Merge.DROP, _DELETED, exports=("created_at", "seen_at", "expires_at", "user_agent")
    ),
    "standing_roles.person_id": Holding(Merge.MOVE_OR_DROP, _DELETED, exports=("role",)),
    "submissions.submitter_id": Holding(_MOVED, _KEPT, exports=_SUBMISSION),
    "decisions.decided_by_id": Holding(
        _MOVED, _KEPT, exports=("kind", "reason", "text", "decided_at")
    ),
    "submission_progress.editor_id": _TRACE,
    "submission_progress.owner_id": _TRACE,
    "submission_questions.asked_by_id": Holding(_MOVED, _KEPT, exports=("text", "asked_at")),
    "letters.written_by_id": Holding(_MOVED, _KEPT, exports=("written_at",)),
    "resource_editions.by_id": Holding(_MOVED, _KEPT, exports=("edition", "at", "note")),
    "sign_offs.proposed_by_id": Holding(
        _MOVED, _KEPT, exports=("kind", "reason", "text", "proposed_at")
    ),
    "sign_offs.second_id": _TRACE,
    "sign_offs.answered_by_id": Holding(_MOVED, _KEPT, exports=("outcome", "note", "answered_at")),
    "assignments.person_id": Holding(
        _MOVED, Erase.EMPTY, {"decline_note": ""}, exports=_ASSIGNMENT
    ),
    "assignments.chosen_by_id": _TRACE,
}  # fmt: skip

# What hangs on somebody's rows. Of a suggestion a person gets what they were told of it, and of a
# review what they wrote: never who else had a part in it.
PARTS = (
    Part("roster_membership_topics", "membership_id", "roster_memberships", ("term_id", "level")),
    Part("roster_absences", "membership_id", "roster_memberships", ("first_day", "last_day")),
    Part(
        "roster_publications", "membership_id", "roster_memberships",
        ("title", "year", "authors", "venue", "doi", "url", "abstract", "keywords"),
    ),
    Part(
        "submission_files", "submission_id", "submissions",
        ("name", "media_type", "size", "sha256", "created_at"),
    ),
    Part(
        "submission_questions", "submission_id", "submissions",
        ("number", "text", "asked_at", "answer_by", "answer", "answered_at"),
    ),
    Part(
        "reviews", "assignment_id", "assignments",
        ("draft", "gates", "scores", "recommendation", "comment_to_submitter",
         "comment_to_editor", "confidence", "submitted_at"),
    ),
    Part(
        "reviewer_questions", "assignment_id", "assignments",
        ("text", "asked_at", "reply", "replied_at"),
    ),
)  # fmt: skip


def column_of(name: str) -> sa.Column[Any]:
    """The column that is written as table.column."""
    table, column = name.split(".")
    return Model.metadata.tables[table].c[column]
