"""Somebody is erased: no name, no address and no words of theirs are left but in the record."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from reviewhub.accounts import links, sessions
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin.people import erasing, merging
from reviewhub.admin.people.duties import duties
from reviewhub.admin.people.words import Hidden
from reviewhub.admin.tasks import erase_due
from reviewhub.audit.models import AuditEvent
from reviewhub.core import config
from reviewhub.core.db import Model
from reviewhub.core.errors import WrongState
from reviewhub.notifications import mailbox
from reviewhub.notifications.models import Message, MessageState, Notice
from reviewhub.notifications.outbox import page, tell
from reviewhub.reviews.models import Review
from reviewhub.reviews.texts import ItemText
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import applications
from reviewhub.roster.workflow import MembershipState
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.permissions.principals import House
from tests.permissions.readers import Tokens

# Where words of somebody who was erased may stay, and why.
STAY = {
    "organisations.name": "an organisation is not a person",
    "organisations.folded": "an organisation is not a person",
    "submissions.title": "what was suggested is what was judged",
    "submissions.description": "what was suggested is what was judged",
    "submissions.publisher": "what was suggested is what was judged",
    "submissions.why_useful": "what was suggested is what was judged",
    "submissions.response_note": "what was suggested is what was judged",
    "submission_files.name": "what was suggested is what was judged",
    "submission_uploads.name": "what was suggested is what was judged",
    "submission_questions.text": "the record of a judgement",
    "submission_questions.answer": "the record of a judgement",
    "reviews.comment_to_submitter": "the record of a judgement",
    "reviews.comment_to_editor": "the record of a judgement",
    "reviewer_questions.text": "the record of a judgement",
    "letters.released": "the record of a judgement",
    "decisions.text": "the record of a judgement",
    "sign_offs.text": "the record of a judgement",
    "sign_offs.note": "the record of a judgement",
}


def found_in(db: Any, words: set[str]) -> dict[str, set[str]]:
    """Every column of every table that holds one of these words, in any form of writing."""
    found: dict[str, set[str]] = {}
    for table in Model.metadata.sorted_tables:
        for row in db.execute(sa.select(table)).mappings():
            for column, value in row.items():
                text = value if isinstance(value, str) else json.dumps(value, default=str)
                held = {word for word in words if word.casefold() in text.casefold()}
                if held:
                    found.setdefault(f"{table.name}.{column}", set()).update(held)
    return found


@pytest.fixture
def tokens() -> Tokens:
    """A word of its own in everything that somebody said."""
    return Tokens()


@pytest.fixture
def house(db: Any, clock: Any, make: Any, tokens: Tokens) -> House:
    """A submission in review, with everybody around it."""
    return House(make, State.IN_REVIEW, tokens)


def erase(person: Person, db: Any) -> None:
    erased = erasing.erase(person, by=None)
    db.commit()
    erased.clear()


@pytest.mark.lasting
def test_no_table_holds_a_word_of_somebody_who_was_erased(
    db: Any, house: House, tokens: Tokens, make: Any
) -> None:
    gone = ("submitter", "sent", "idle_member", "applicant", "registered", "declined")
    about = house.item.submission
    for name in gone:
        person = house.person[name]
        sessions.begin(person, user_agent="A browser")
        links.ensure(Capability.SUBMISSION, about.id, person_id=person.id)
        for reader in (person, house.person["handling_editor"], house.person["admin"]):
            tell(
                f"test/{name}", people.recipient(reader), about, target=page("x"),
                reply_to=person.email, name=person.name, lines=[{"who": person.email}],
            )  # fmt: skip
        db.add(AuditEvent(object_type="people", object_id=person.id, verb="correct_address",
                          role="admin", data={"old": person.email, "new": "x"}))  # fmt: skip
    make.submission(
        state=State.DRAFT, submitter_id=house.person["submitter"].id,
        title=tokens("title of the draft"), why_useful=tokens("why of the draft"),
    )  # fmt: skip
    db.add(
        ItemText(
            submission_id=about.id, stamp="1", people=b"", alike=b"",
            shared={str(house.person["sent"].id): {"words": [tokens("shared draft of sent")]}},
        )
    )  # fmt: skip
    house.item.seats["sent"].review.draft = {"comment": tokens("draft of sent")}
    db.flush()
    for name in gone:
        erase(house.person[name], db)

    theirs = {
        token
        for kind, token in tokens.items()
        if any(kind.endswith((f"of {name}", f"by {name}")) for name in gone)
        or "the draft" in kind or "draft of" in kind
        or kind.endswith((" in the application", "of the applicant", "of the member",
                          " in the invitation"))
        or kind in {"decline note", "subject"}
    }  # fmt: skip
    assert len(theirs) > 20
    left = found_in(db, theirs)
    assert {place: words for place, words in left.items() if place not in STAY} == {}
    kept = set().union(*left.values())
    judged = {tokens["comment to the submitter by sent"], tokens["comment to the editor by sent"]}
    assert judged <= kept, "the record of a judgement stays"
    names = {token for kind, token in tokens.items() if kind.startswith(("name of", "email of"))}
    assert not names & theirs & kept


@pytest.mark.lasting
def test_what_is_under_way_is_taken_back_and_what_was_judged_stays(db: Any, house: House) -> None:
    submitter, member, sent = (house.person[who] for who in ("submitter", "idle_member", "sent"))
    applicant = house.person["applicant"]
    cv = applications.cv_store() / house.application.cv["path"]
    assert cv.is_file()
    for person in (submitter, member, sent, applicant):
        erase(person, db)
    assert db.get(Submission, house.item.submission.id).state == State.WITHDRAWN
    assert db.get(Application, house.application.id).state == "withdrawn"
    membership = db.get(Membership, house.membership.id)
    assert (membership.state, membership.topics) == (MembershipState.ENDED, [])
    assert not cv.exists()
    review = db.scalars(
        sa.select(Review).where(Review.assignment_id == house.item.seats["sent"].id)
    ).one()
    assert (review.submitted_at is not None, review.draft) == (True, {})
    assert sent.name.startswith("Former member ")
    assert (sent.is_active, sent.confirmed_at, sent.organisation_id) == (False, None, None)
    unsent = sa.select(Message).where(
        Message.recipient_id.in_([submitter.id, member.id]),
        Message.state.not_in([MessageState.SENT]),
    )
    assert db.scalars(unsent).all() == []
    assert db.scalars(sa.select(Notice).where(Notice.person_id == submitter.id)).all() == []
    with pytest.raises(WrongState, match="already"):
        erasing.erase(sent, by=None)


@pytest.mark.lasting
def test_whoever_still_has_something_to_do_is_told_what(db: Any, house: House, make: Any) -> None:
    expected = {
        "handling_editor": "handled from this account", "accepted": "review or invitation",
        "invited": "review or invitation", "admin": "only administrator",
    }  # fmt: skip
    for name, words in expected.items():
        person = house.person[name]
        assert words in " ".join(duties(person)), name
        with pytest.raises(WrongState):
            erasing.erase(person, by=None)
        with pytest.raises(WrongState):
            erasing.plan_erasure(person)
        assert person.erased_at is None
    make.staff(Role.ADMIN)
    assert duties(house.person["admin"]) == []


@pytest.mark.lasting
def test_an_account_that_was_merged_is_erased_with_the_one_that_was_kept(
    db: Any, clock: Any, make: Any
) -> None:
    kept, other = make.person("Zora Once"), make.person("Zora Twice", email="zora@old.example")
    merging.merge(kept, other, by=Actor())
    erase(kept, db)
    assert found_in(db, {"Zora Once", "Zora Twice", "zora@old.example", kept.email}) == {
        "people.email": {kept.email}
    }
    assert people.by_email("zora@old.example") is None


def test_whole_words_are_hidden_in_whatever_a_column_holds() -> None:
    hidden = Hidden.of(["Ann Ode", "ann@host.example", "Bo"], "Former member 1a2b")
    said = {"a": ["ANN ODE wrote", 7, None], "b": {"c": "ann@host.example; Ann Oderman; Bo"}}
    assert hidden.in_value(said) == {
        "a": ["Former member 1a2b wrote", 7, None],
        "b": {"c": "Former member 1a2b; Ann Oderman; Bo"},
    }


@pytest.mark.lasting
def test_names_in_letters_that_are_not_latin_are_found(db: Any, clock: Any, make: Any) -> None:
    names = ["Жанна Ильина", "José Núñez", "علي حسن", 'Ludvík "Lu" Ö']
    submission = make.submission()
    for name in names:
        person = make.person(name)
        tell(f"test/{person.id}", people.recipient(make.person()), submission, target=page("x"),
             name=name.upper())  # fmt: skip
        erase(person, db)
    assert found_in(db, set(names)) == {}


@pytest.mark.lasting
def test_the_wish_is_thought_over_called_off_or_done(
    app: Any, db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    secret = "a long enough sentence"
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    person = make.person("Wanda Wish", password_hash=hasher.hash(secret))
    browser = sign_in(person)
    wish = {"password": secret, "understood": "y"}
    assert "What goes" in browser.get("/account/data/erase").text
    assert browser.post("/account/data/erase", data={**wish, "password": "no"}).status_code == 200
    assert db.get(Person, person.id).erase_at is None
    assert browser.post("/account/data/erase", data=wish).status_code == 302
    assert "Call it off" in browser.get("/account/data").text
    assert browser.post("/account/data/stay").status_code == 302
    clock.advance(days=8)
    assert erase_due() == 0

    browser = sign_in(person)
    browser.post("/account/data/erase", data=wish)
    folder = config.current().var / "mailbox"
    for address in (person.email, "somebody@else.example"):
        mailbox.store(folder, "hub@host.example", [address], b"Subject: Hello\n\nHello.")
    clock.advance(days=6)
    assert erase_due() == 0
    clock.advance(days=1)
    submission = make.submission(progress=None)
    submission.progress.editor_id = person.id
    db.commit()
    assert erase_due() == 0, "something waits for them after all"
    submission.progress.editor_id = None
    db.commit()
    clock.advance(days=1)
    assert erase_due() == 1
    db.expire_all()
    assert db.get(Person, person.id).erased_at is not None
    assert browser.get("/account").status_code == 302, "signed out"
    assert {mail.to for mail in mailbox.iter_mailbox(folder)} == {("somebody@else.example",)}


@pytest.mark.lasting
def test_somebody_without_a_password_gives_their_address(
    db: Any, clock: Any, make: Any, sign_in: Any, house: House
) -> None:
    person = house.person["registered"]  # who has an identity elsewhere
    person.password_hash = None
    db.commit()
    browser = sign_in(person)
    wrong = browser.post("/account/data/erase", data={"email": "x@y.example", "understood": "y"})
    assert "not the address" in wrong.text
    right = {"email": person.email.upper(), "understood": "y"}
    assert browser.post("/account/data/erase", data=right).status_code == 302


@pytest.mark.lasting
def test_an_administrator_erases_who_asked_by_another_way(
    db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    person = make.person("Paula Post")
    browser = sign_in(make.staff(Role.ADMIN))
    address = f"/desk/people/{person.id}/erase"
    assert "under a pseudonym" in browser.get(address).text
    sent = browser.post(address, data={"note": "By letter, filed.", "understood": "y"})
    assert sent.status_code == 302
    assert "was erased on" in browser.get(sent.location).text
    event = db.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "erase")).one()
    assert (event.note, event.role) == ("By letter, filed.", "admin")
    assert browser.get(address).status_code == 409
