"""No mail carries to its reader what no page would show them."""

from secrets import token_hex
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations
from tests.reviews.scene import Scene, accept, as_reviewer, send


def token() -> str:
    """Something that stands nowhere by chance."""
    return f"zz{token_hex(6)}"


class Story:
    """A panel that splits, is decided, reopened and decided anew; everybody is a token."""

    def __init__(self, make: Any, db: scoped_session[Session]) -> None:
        self.db, self.secret = db, {"to the editor": token(), "to the submitter": token()}
        self.names: dict[int, set[str]] = {}  # what tells of each member who they are
        self.scene = Scene(make, db)
        make.staff(Role.ROSTER_MANAGER)
        for member in self.scene.members:
            self._hide(member.person_id)
        self.submitter_email = f"{token()}@{token()}.example"
        self._person(self.scene.submission.submitter_id).email = self.submitter_email
        db.flush()
        self._play()

    def _person(self, person_id: int | None) -> Person:
        return self.db.get_one(Person, person_id)

    def _hide(self, person_id: int) -> None:
        person = self._person(person_id)
        person.name, person.email = token(), f"{token()}@{token()}.example"
        self.db.refresh(person, ["organisation"])
        assert person.organisation is not None
        person.organisation.name = token()
        self.names[person.id] = {person.name, person.email, person.organisation.name}

    def _play(self) -> None:
        scene, by = self.scene, self.scene.by_editor
        first, *rest = scene.start()
        operations.decline(
            first, by=as_reviewer(first), reason="no_time", note=self.secret["to the editor"]
        )
        panel = [*rest, *scene.fill()]
        for one, said in zip(panel, ("include", "do_not_include", "include"), strict=True):
            accept(one)
            comment = f"Clear and recent enough. {self.secret['to the submitter']}"
            confidential = self.secret["to the editor"]
            send(one, said, comment_to_editor=confidential, comment_to_submitter=comment)
        extra = scene.fill()
        for one in extra:
            accept(one)
            send(one, "include")
        self.db.flush()
        operations.approve(scene.submission, by=by, note="Welcome.")

    def mails(self) -> dict[int, str]:
        """Everything written to each person, as they read it: headers and both bodies."""
        found: dict[int, str] = {}
        for message in self.db.scalars(sa.select(Message).order_by(Message.id)):
            mail = render(message)
            bodies = [part.get_content() for part in mail.walk() if not part.is_multipart()]
            head = "\n".join(f"{name}: {value}" for name, value in mail.items() if name != "To")
            found[message.recipient_id] = "\n".join(
                [found.get(message.recipient_id, ""), head, *map(str, bodies)]
            )
        return found


@pytest.fixture
def story(make: Any, db: Any, clock: Any) -> Story:
    """What was said to whom."""
    return Story(make, db)


@pytest.mark.lasting
def test_the_submitter_is_told_no_reviewer_and_no_comment(story: Story) -> None:
    written = story.mails()[story.scene.submission.submitter_id or 0]
    assert "Thank you for helping others find it." in written
    hidden = set().union(*story.names.values()) | set(story.secret.values())
    assert not [one for one in hidden if one in written]


@pytest.mark.lasting
def test_a_reviewer_is_told_no_other_reviewer_and_not_the_submitters_address(
    story: Story,
) -> None:
    mails, names = story.mails(), story.names
    asked = set(mails) & set(names)
    assert len(asked) >= 4
    for person_id in asked:
        others = set().union(*(known for other, known in names.items() if other != person_id))
        hidden = others | {story.submitter_email} | set(story.secret.values())
        assert not [one for one in hidden if one in mails[person_id]]


def test_a_notice_says_no_more_than_its_mail(story: Story, sign_in: Any) -> None:
    submitter = story.db.get_one(Person, story.scene.submission.submitter_id)
    page = sign_in(submitter).get("/notices").text
    hidden = set().union(*story.names.values()) | set(story.secret.values())
    assert story.scene.submission.title in page
    assert not [one for one in hidden if one in page]
