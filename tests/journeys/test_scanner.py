"""A mail scanner follows every link of every mail that the hub can send, and changes nothing.

Each mail of the catalogue is written by its own sender about rows that are there, and rendered; so
a mail that is added is swept as well, once this scene has what its sender asks for.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import reviewhub
import reviewhub.accounts.emails
import reviewhub.admin.emails
import reviewhub.library.emails
import reviewhub.reviews.emails
import reviewhub.reviews.seat_emails
import reviewhub.roster.emails
import reviewhub.submissions.emails
from reviewhub.accounts import operations as accounts
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from reviewhub.core.db import Model
from reviewhub.library import tasks as library
from reviewhub.library.models import Resource
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.rendering import render
from reviewhub.reviews.questions import ReviewerQuestion
from reviewhub.reviews.signing import SignOff
from reviewhub.roster.availability import Period
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Decision, DecisionKind
from tests.reviews.scene import Scene, accept, send

pytestmark = pytest.mark.slow

MODULES = (
    reviewhub.accounts.emails, reviewhub.admin.emails, reviewhub.library.emails,
    reviewhub.reviews.emails, reviewhub.reviews.seat_emails, reviewhub.roster.emails,
    reviewhub.submissions.emails,
)  # fmt: skip
TEMPLATES = Path(reviewhub.__file__).parent / "templates" / "email"
# Written by no sender of their own: it gathers others, and leads where they lead.
GATHERED = {"notifications/digest"}
# Thanks that lead nowhere: there is nothing left to do.
NOTHING_TO_OPEN = {"reviews/call_off", "reviews/cancel", "reviews/take_off"}
# What else a sender may ask for, by its type.
AWAY = Period(date(2026, 3, 2), date(2026, 3, 9))
PLAIN = {
    "Period": AWAY,
    "bool": True,
    "str": "A word of it.",
    "int": 7,
    "list": ["Ana"],
    "date": date(2026, 3, 2),
}
# What a list says of somebody who is invited to the roster.
LISTED = {
    "name": "Lin Listed", "internal": False, "country": "KEN", "organisation_name": "Harbour Desk",
    "capacity": 2, "languages": ["en"], "topics": {"14": 3}, "years_experience": 8,
    "government": "", "statement": "Ran a help desk for years.", "competing_interests": "",
}  # fmt: skip
# A sender that is not named after its mail.
MORE = {"reviews/record_answer"}


@pytest.fixture
def known(make, db, clock):
    """What the senders tell of, by name or type: items, seats, an application, a resource, …"""
    scene = Scene(make, db, internal=6, external=12)
    scene.reviewed("include", "include", "include")
    clock.advance(days=1)
    library.publish_due()
    published = scene.submission
    scene.submission = scene.suggest()
    first, at_work, _third = scene.start()
    for one in (first, at_work):
        accept(one)
    send(first)
    manager = make.staff(Role.ROSTER_MANAGER)
    make.staff(Role.ADMIN)
    submission = scene.submission
    submitter = db.get_one(Person, submission.submitter_id)
    decision = db.scalars(sa.select(Decision)).one()
    question = submissions.ask(submission, by=scene.by_editor, text="Which edition is it?")
    sign_off = SignOff(
        submission_id=submission.id,
        kind=DecisionKind.APPROVED,
        proposed_by_id=scene.editor.id,
        second_id=make.editor("Otto Other").id,
        due_at=core_clock.now(),
    )
    raised = ReviewerQuestion(
        assignment_id=at_work.id, round_id=at_work.round_id, number=1, text="Which edition is it?"
    )
    application = Application(
        owner_id=manager.id,
        ref="RA-2026-900001", state=ApplicationState.SUBMITTED, name="Ana Applicant",
        organisation_name="Institute of Crossings", internal=False, country="KEN",
        languages=["en"], topics={"14": 3}, years_experience=8, competing_interests="none",
        statement="I have run consular help desks in three countries for years.",
        person_id=make.person().id, consented_at=core_clock.now(), submitted_at=core_clock.now(),
        due_at=core_clock.now() + timedelta(days=30), reason="expertise_covered",
        may_reapply_on=core_clock.today(),
    )  # fmt: skip
    invitation = Invitation(
        person_id=make.person().id, invited_by_id=scene.editor.id, answers=LISTED,
        lapses_at=core_clock.now() + timedelta(days=30),
    )  # fmt: skip
    decision.reason = "outdated"
    db.add_all([sign_off, raised, application, invitation])
    submitter.bouncing_since = core_clock.now()
    scene.editor.erase_at = core_clock.now() + timedelta(days=7)
    submission.progress.due_at = core_clock.now()
    waiting = scene.suggest()
    waiting.progress.due_at = core_clock.now()
    db.flush()
    return {
        "submission": submission, "assignment": at_work, "current": scene.round,
        "decision": decision, "sign_off": sign_off, "letter": None, "Question": question,
        "ReviewerQuestion": raised, "resource": db.scalars(sa.select(Resource)).one(),
        "application": application, "invitation": invitation, "membership": scene.members[0],
        "person": submitter, "admin.person": scene.editor,
        "kept": scene.editor, "other": submitter,
        "link": accounts.account_link(submitter, timedelta(hours=1)),
        "by": scene.by_editor, "asked_by": None, "ref": published.ref,
        "how": "resigned", "verb": "submit",
        "at": core_clock.now(), "due_at": core_clock.now(),
    }  # fmt: skip


def test_every_link_of_every_mail_changes_nothing(known, app, db):
    written = {message.event: message for message in write_all(known, db)}
    assert catalogue() - GATHERED - written.keys() == set()

    links = {event: links_of(message) for event, message in written.items()}
    assert {event for event, found in links.items() if not found} == NOTHING_TO_OPEN
    before = contents(db)
    for address in sorted(set().union(*links.values())):
        scanner = app.test_client()
        assert scanner.get(address).status_code < 500, address
        assert scanner.head(address).status_code < 500, address
        assert changed_since(before, db) == [], address
    assert len(set().union(*links.values())) > 5


def catalogue() -> set[str]:
    """Every mail that there is a template for."""
    return {f"{file.parent.name}/{file.stem}" for file in TEMPLATES.glob("*/*.txt")}


def links_of(message: Message) -> set[str]:
    """The addresses of our own in the mail, its text and its headers."""
    mail = render(message)
    body = mail.get_body(("plain",))
    assert body is not None
    whole = "\n".join([body.get_content(), *map(str, mail.values())])
    base = config.current().base_url
    found = re.findall(rf"{re.escape(base)}[^\s<>\"]*", whole)
    return {link.rstrip(".,)").removeprefix(base) or "/" for link in found}


def write_all(known: dict[str, Any], db: Any) -> list[Message]:
    """Have every sender write its mail, unless the scene's beginning has; all that is written."""
    for package, sender in senders():
        promise_is_out(db)
        parameters = inspect.signature(sender).parameters.values()
        sender(**{one.name: value_for(one, package, known) for one in parameters})
    db.commit()
    return list(db.scalars(sa.select(Message).order_by(Message.id)))


def promise_is_out(db: Any) -> None:
    """What was promised has gone out, so that nobody takes it back."""
    db.flush()
    db.execute(
        sa.update(Message)
        .where(Message.state == MessageState.QUEUED)
        .values(state=MessageState.SENT, sent_at=core_clock.now())
    )


def senders() -> Iterator[tuple[str, Callable[..., object]]]:
    """The functions that send: named after their mail, or one of MORE."""
    for name in sorted(catalogue() | MORE):
        package, _, verb = name.partition("/")
        for module in (emails for emails in MODULES if emails.__name__.split(".")[1] == package):
            if (sender := getattr(module, verb, None)) is not None:
                yield package, sender


def value_for(parameter: inspect.Parameter, package: str, known: dict[str, Any]) -> Any:
    """What the sender is given: by its package and the name, by the name, by the type."""
    kind = getattr(parameter.annotation, "__name__", "")
    for key in (f"{package}.{parameter.name}", parameter.name, kind):
        if key in {**PLAIN, **known}:
            return {**PLAIN, **known}[key]
    raise AssertionError(f"the scene has no {parameter.name} for {package}")


def contents(db: Any) -> dict[str, list[str]]:
    """Every row of every table."""
    return {
        table.name: sorted(repr(tuple(row)) for row in db.execute(sa.select(table)))
        for table in Model.metadata.sorted_tables
    }


def changed_since(before: dict[str, list[str]], db: Any) -> list[str]:
    """The tables in which anything is otherwise."""
    now = contents(db)
    return [name for name, rows in now.items() if rows != before[name]]
