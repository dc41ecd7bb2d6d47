"""The canary knows every place where people's words stand: a new column has to be thought of."""

from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.core.db import Model
from reviewhub.submissions.workflow import State
from tests.permissions.principals import House
from tests.permissions.readers import Tokens

STATES = (State.IN_REVIEW, State.PUBLISHED, State.REJECTED, State.CHANGES_REQUESTED)
# Tables and columns of text that hold no hidden words, by what they hold instead.
WITHOUT_WORDS: dict[str, set[str]] = {
    "the hub's own vocabularies and rules": {"terms", "hub", "review_policies"},
    "codes and numbers, drawn in words of the hub": {
        "assignments.conflict_found", "assignments.decline_reason",
        "assignments.reasons", "audit_events", "decisions.panel",
        "decisions.reason", "declared_conflicts.country", "letters.people", "letters.sources",
        "sign_offs.reason", "sign_offs.release", "reviews.gates", "reviews.scores",
        "review_rounds.standing", "submission_progress", "people.country", "people.locale",
        "people.timezone", "roster_applications.country", "roster_applications.languages",
        "roster_applications.locale", "roster_applications.reason", "roster_applications.ref",
        "roster_applications.topics", "roster_assessments.marks", "roster_memberships",
        "submissions.language",
        "submissions.published_on", "submissions.for_government", "submissions.ref",
        "review_rounds.kept_off", "panel_choices", "panel_batches",
        "reviewer_texts", "item_texts",
        "notices.event", "notices.endpoint", "outbox", "jobs", "saved_lists.query",
        "submission_files.media_type", "reviews.draft_tab", "entered_for", "waiting_times",
        "roster_publications.key",
    },
    "what opens something, kept as a hash or a place on the disk": {
        "receipts", "people.password_hash", "recovery_codes", "second_factors", "sessions",
        "provider_visits",
        "submission_files.path", "submission_files.clean_path", "submission_files.sha256",
        "submission_uploads.path", "submission_uploads.fingerprint", "identities.issuer",
        "roster_applications.cv",
    },
    "as open, and as closed, as the title beside it": {
        "submissions.authors", "submissions.title_en", "submissions.url", "submissions.url_key",
        "submissions.details", "submissions.external_id",
    },
    "what everybody reads": {"resources", "resource_editions"},
    "machines' own": {"heartbeats", "search_changes", "search_version", "link_checks"},
    "what an address on the open web says of itself": {"link_readings"},
}  # fmt: skip


@pytest.mark.lasting
def test_every_column_of_words_has_a_token_or_a_reason_to_have_none(
    app: Any, db: Any, clock: Any, make: Any
) -> None:
    bare = {str(column) for column in _columns()}
    for state in STATES:
        point = db.get_bind().begin_nested()
        tokens = Tokens()
        House(make, state, tokens)
        bare = {name for name in bare if not _holds_one(db, name, tokens)}
        db.rollback()
        point.rollback()
        db.expunge_all()
        make.numbers = type(make.numbers)(1)
    reasons = set().union(*WITHOUT_WORDS.values())
    unthought = {one for one in bare if one not in reasons and one.split(".")[0] not in reasons}
    assert unthought == set()


def test_what_has_a_reason_is_there() -> None:
    there = {str(column) for column in _columns()}
    there |= {name.split(".")[0] for name in there}
    assert set().union(*WITHOUT_WORDS.values()) <= there


def _columns() -> list[sa.Column[Any]]:
    return [
        column
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Text | sa.String | sa.JSON)
        and not isinstance(column.type, sa.Enum)
    ]


def _holds_one(db: Any, name: str, tokens: Tokens) -> bool:
    table, column = name.split(".")
    values = db.scalars(sa.select(Model.metadata.tables[table].c[column]))
    text = "\n".join(str(value) for value in values)
    return any(token in text for token in tokens.values())
