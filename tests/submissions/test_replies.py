"""Who reads what somebody answers to a mail, and in which language the mail is."""

from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.submissions import replies
from reviewhub.taxonomy.queries import catalogue
from tests.reviews.scene import Scene


@pytest.fixture
def scene(make: Any, db: Any, clock: Any) -> Scene:
    """An item that an editor handles."""
    return Scene(make, db)


def newest(db: Any, event: str) -> Message:
    found = sa.select(Message).where(Message.event == event).order_by(Message.id.desc())
    return db.scalars(found).first()  # type: ignore[no-any-return]


def test_the_handling_editor_reads_the_answers(scene: Scene, db: Any) -> None:
    scene.start()
    for event in ("reviews/invite", "reviews/start_review"):
        assert render(newest(db, event))["Reply-To"] == scene.editor.email


@pytest.mark.parametrize("trouble", ["suspended_at", "bouncing_since"])
def test_the_hub_reads_them_where_the_editor_can_not(scene: Scene, db: Any, trouble: str) -> None:
    setattr(scene.editor, trouble, core_clock.now())
    scene.start()
    assert render(newest(db, "reviews/invite"))["Reply-To"] == catalogue().contact_email


def test_an_editor_who_must_not_know_whose_it_is_gets_no_answer_of_theirs(
    scene: Scene, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        """A hub whose editors do not know the submitter."""

        policy = {**catalogue().policy, "anonymity": "triple"}

    monkeypatch.setattr(replies, "catalogue", Blind)
    assert replies.to_submitter(scene.submission) == ""
    assert replies.to_reviewers(scene.submission) == scene.editor.email


def test_staff_who_suggest_something_do_not_answer_themselves(scene: Scene, db: Any) -> None:
    scene.submission.progress.editor_id = scene.submission.submitter_id
    assert replies.to_submitter(scene.submission) == ""


def test_each_mail_is_in_the_language_of_its_reader(scene: Scene, db: Any) -> None:
    person = db.get_one(Person, scene.submission.submitter_id)
    person.locale = "en"
    scene.editor.locale = "fr"
    scene.start()
    assert render(newest(db, "reviews/start_review"))["Content-Language"] == "en"
    scene.editor.locale = "de"
    from reviewhub.reviews import emails  # noqa: PLC0415

    emails.withdrawn(scene.submission)
    assert render(newest(db, "reviews/withdrawn"))["Content-Language"] == "de"
