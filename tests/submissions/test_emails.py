"""Each mail, rendered as it goes out: what is said, where its button leads, and to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.submissions import emails, operations
from reviewhub.submissions.models import Submission
from reviewhub.submissions.progress import wait_for
from tests.factories import Factory

WHY = "It is about tourism and nothing else."


@pytest.fixture
def submission(db: Any, clock: Any, make: Factory, editor: Person) -> Submission:
    """Waits for its editor until 9 March; a title with signs that mails must carry."""
    submission = make.submission(
        title="Ηandbook <b>&</b> guide", submitter_id=make.person("Sue Submitter").id
    )
    submission.progress.editor_id = editor.id
    wait_for(submission, editor.id, core_clock.now() + timedelta(days=7))
    db.flush()
    return submission


def last(db: Any) -> tuple[str, str, str]:
    """Subject, plain text and HTML of the newest mail."""
    message = db.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    mail = render(message)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return mail["Subject"], plain, html


SENT: dict[str, tuple[Callable[[Submission], Any], str, str]] = {
    "remind_confirm": (emails.remind_confirm, "/confirm?key=", "is dropped on 9 Mar 2026"),
    "submit": (emails.submit, "?key=", "- submitted: 2 Mar 2026"),
    "record_for": (emails.record_for, "?key=", "in your name"),
    "new": (emails.new, "/desk/submissions/", "by 9 Mar 2026"),
    "revise": (lambda s: emails.revise(s, ["Title"]), "/desk/submissions/", "changed: Title."),
    "rescreen": (emails.rescreen, "?key=", "That was taken back"),
    "revive": (emails.revive, "?key=", "under way again"),
    "remind_screening": (emails.remind_screening, "/desk/submissions/", "by 9 Mar 2026"),
    "escalate": (emails.escalate, "/desk/submissions/", "handed to you"),
    "remind_changes": (emails.remind_changes, "/revise?key=", "due on 9 Mar 2026"),
}


@pytest.mark.parametrize("verb", SENT)
def test_a_mail_says_what_happened_and_its_button_leads_on(
    db: Any, submission: Submission, verb: str
) -> None:
    tell, target, sentence = SENT[verb]
    submission.response_note = submission.changes_wanted = "Say who made it."
    tell(submission)
    subject, plain, html = last(db)
    assert submission.title in plain
    assert sentence in plain
    assert subject.strip()
    assert "\n" not in subject
    lines = plain.partition("\n-- \n")[0].splitlines()  # below it stands the foot
    [address] = [line for line in lines if line.startswith("http://localhost/")]
    assert submission.ref in address
    assert target in address
    around = lines.index(address)
    assert lines[around - 1 : around] == [""]  # a paragraph of its own, so it becomes a button
    assert 'class="button"' in html
    assert "<b>&</b>" not in html


def test_a_guest_is_told_until_when_to_confirm(db: Any, submission: Submission) -> None:
    emails.confirm(submission, db.get_one(Person, submission.submitter_id))
    _subject, plain, _html = last(db)
    assert "The draft is kept until 9 Mar 2026.\n\nIf you did not" in plain


@pytest.mark.parametrize(("appeals", "sentence"), [(0, "within 30 days"), (1, "The whole way")])
def test_a_refusal_names_its_reason_and_the_way_to_a_second_look(
    db: Any, submission: Submission, editor: Person, by: Callable[[Person], Actor], appeals: int,
    sentence: str,
) -> None:  # fmt: skip
    submission.appeals = appeals
    operations.decline(submission, by=by(editor), reason="out_of_scope", note=WHY)
    _subject, plain, html = last(db)
    assert "The reason: Out of scope." in plain
    assert WHY in plain
    assert sentence in plain
    assert 'class="button"' in html
    assert editor.name not in plain


def test_nobody_is_told_of_what_nobody_owns(db: Any, submission: Submission, mails: Any) -> None:
    wait_for(submission, None, None)
    emails.new(submission)
    assert mails() == []
