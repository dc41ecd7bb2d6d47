"""Sending: signed in, as a guest, by mail, and again after changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.submissions import operations
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Link = Callable[[Submission], Actor]
Signed = Callable[[Person], Actor]
Mails = Callable[[], list[tuple[str, str]]]
GUEST = "gia@guest.example"


@pytest.fixture
def draft(answers: Callable[..., Answers], by_draft_link: Link, db: Any) -> Submission:
    """A guest's draft with every answer but the address."""
    submission = operations.begin(by=NOBODY)
    operations.fill(submission, answers(), by=by_draft_link(submission))
    db.flush()
    return submission


# -- signed in --


def test_a_signed_in_person_sends_at_once(
    db: Any, clock: Any, make: Factory, editor: Person, by: Signed, mails: Mails,
    answers: Callable[..., Answers],
) -> None:  # fmt: skip
    person = make.person()
    submission = operations.begin(by=by(person))
    operations.fill(submission, answers(), by=by(person))
    operations.submit(submission, by=by(person))
    assert submission.state is State.SUBMITTED
    assert (submission.round, submission.submitted_at) == (1, core_clock.now())
    assert submission.progress.owner_id == submission.progress.editor_id == editor.id
    assert submission.progress.due_at > core_clock.now() + timedelta(days=6)
    assert mails() == [("submissions/submit", person.email), ("submissions/new", editor.email)]


def test_sending_needs_the_answers(db: Any, make: Factory, by: Signed) -> None:
    person = make.person()
    submission = operations.begin(by=by(person))
    with pytest.raises(InvalidInput, match="still missing"):
        operations.submit(submission, by=by(person))
    assert submission.state is State.DRAFT


def test_sending_twice_is_refused(db: Any, make: Factory, by: Signed) -> None:
    person = make.person()
    submission = make.submission(submitter_id=person.id)
    with pytest.raises(WrongState):
        operations.submit(submission, by=by(person))
    assert submission.round == 1


def test_nobody_sends_for_somebody_else(db: Any, make: Factory, by: Signed, editor: Person) -> None:
    submission = make.submission(state=State.DRAFT)
    for other in (make.person(), editor):
        with pytest.raises(NotAllowed):
            operations.submit(submission, by=by(other))
    assert submission.state is State.DRAFT


def test_what_the_hub_has_already_is_not_sent(
    db: Any, make: Factory, by: Signed, answers: Callable[..., Answers]
) -> None:
    make.submission(url=answers().url, url_key="library.example/consular-handbook")
    person = make.person()
    submission = operations.begin(by=by(person))
    operations.fill(submission, answers(), by=by(person))
    with pytest.raises(InvalidInput, match="already under review"):
        operations.submit(submission, by=by(person))
    assert submission.state is State.DRAFT


def test_the_number_says_the_year_and_is_never_given_twice(db: Any, clock: Any) -> None:
    first, second = operations.begin(by=NOBODY), operations.begin(by=NOBODY)
    assert first.ref == f"RH-2026-{first.id:06d}"
    assert first.ref != second.ref


# -- guests --


def test_a_guest_confirms_and_only_then_it_is_sent(
    db: Any, clock: Any, draft: Submission, by_link: Link, by_draft_link: Link, mails: Mails,
    editor: Person,
) -> None:  # fmt: skip
    person = operations.ask_to_confirm(draft, by=by_draft_link(draft), email=f" {GUEST.upper()} ")
    assert (draft.state, person.email, person.confirmed_at) == (State.DRAFT, GUEST, None)
    assert draft.progress.due_at == core_clock.now() + timedelta(days=14)
    assert mails() == [("submissions/confirm", GUEST)]

    operations.confirm(draft, by=by_link(draft))
    assert draft.state is State.SUBMITTED
    assert person.confirmed_at == core_clock.now()
    assert mails()[1:] == [("submissions/submit", GUEST), ("submissions/new", editor.email)]
    verbs = [event.verb for event in history("submissions", draft.id)]
    assert verbs == ["submit"]


def test_the_link_of_the_draft_confirms_nothing(
    db: Any, draft: Submission, by_draft_link: Link
) -> None:
    operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    with pytest.raises(NotAllowed, match="link in the mail"):
        operations.confirm(draft, by=by_draft_link(draft))
    assert draft.state is State.DRAFT


def test_a_known_address_is_no_proof_of_being_that_person(
    db: Any, make: Factory, draft: Submission, by_draft_link: Link
) -> None:
    known, other = make.person(email=GUEST), make.person()
    operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    assert draft.submitter_id == known.id
    grant = Grant(1, Capability.SUBMISSION, draft.id, None)
    for actor in (Actor(grant=grant), Actor(person_id=other.id, grant=grant)):
        with pytest.raises(NotAllowed):
            operations.submit(draft, by=actor)
    assert draft.state is State.DRAFT


def test_the_link_of_the_draft_closes_when_it_is_sent(
    db: Any, draft: Submission, by_link: Link, by_draft_link: Link
) -> None:
    link = links.ensure(Capability.SUBMISSION, draft.id, person_id=None)
    token = links.token(link)
    operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    assert links.resolve(token) is not None
    operations.confirm(draft, by=by_link(draft))
    assert links.resolve(token) is None


def test_a_second_confirmation_is_refused(
    db: Any, draft: Submission, by_link: Link, by_draft_link: Link, mails: Mails
) -> None:
    operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    operations.confirm(draft, by=by_link(draft))
    sent = mails()
    with pytest.raises(WrongState):
        operations.confirm(draft, by=by_link(draft))
    assert mails() == sent
    assert draft.round == 1


def test_asked_twice_on_one_day_the_mail_goes_out_once(
    db: Any, clock: Any, draft: Submission, by_draft_link: Link, mails: Mails
) -> None:
    for _time in range(2):
        operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    assert len(mails()) == 1
    clock.advance(days=1)
    operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    assert len(mails()) == 2


def test_a_mistyped_address_opens_nothing_once_it_is_corrected(
    db: Any, draft: Submission, by_draft_link: Link
) -> None:
    wrong = operations.ask_to_confirm(draft, by=by_draft_link(draft), email="wrong@guest.example")
    token = links.token(links.ensure(Capability.SUBMISSION, draft.id, person_id=wrong.id))
    right = operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST)
    assert links.resolve(token) is None
    assert draft.submitter_id == right.id


def test_a_guest_without_the_answers_gets_no_mail(
    db: Any, by_draft_link: Link, mails: Mails
) -> None:
    submission = operations.begin(by=NOBODY)
    with pytest.raises(InvalidInput, match="still missing"):
        operations.ask_to_confirm(submission, by=by_draft_link(submission), email=GUEST)
    assert mails() == []


def test_what_a_guest_says_of_themselves_is_learned_once_the_address_is_theirs(
    db: Any, draft: Submission, by_link: Link, by_draft_link: Link,
    answers: Callable[..., Answers],
) -> None:  # fmt: skip
    said = answers(organisation="Institute of Crossings", country="KEN")
    operations.fill(draft, said, by=by_draft_link(draft))
    person = operations.ask_to_confirm(draft, by=by_draft_link(draft), email=GUEST, name="Gia")
    assert person.organisation_id is None
    operations.confirm(draft, by=by_link(draft))
    house = accounts.organisation_named("Institute of Crossings")
    assert house is not None
    assert (person.country, person.organisation_id) == ("KEN", house.id)


def test_what_is_known_of_a_person_is_not_overwritten(
    db: Any, make: Factory, by: Signed, answers: Callable[..., Answers]
) -> None:
    person = make.person(country="FRA")
    house = person.organisation_id
    submission = operations.begin(by=by(person))
    said = answers(organisation="Institute of Crossings", country="KEN")
    operations.fill(submission, said, by=by(person))
    operations.submit(submission, by=by(person))
    assert (person.country, person.organisation_id) == ("FRA", house)


# -- after changes --


@pytest.fixture
def returned(make: Factory, editor: Person) -> Submission:
    """A suggestion that changes were asked of; its editor is known."""
    submission = make.submission(state=State.CHANGES_REQUESTED, changes_wanted="Say who made it.")
    submission.progress.editor_id = editor.id
    return submission


def test_the_changed_version_goes_to_the_same_editor_with_its_difference(
    db: Any, make: Factory, returned: Submission, editor: Person, by_link: Link, mails: Mails,
    answers: Callable[..., Answers],
) -> None:  # fmt: skip
    make.editor()  # less to do, but a stranger to it
    sent_at = returned.submitted_at
    operations.revise(
        returned,
        answers(publisher="Institute of Crossings"),
        by=by_link(returned),
        note="I named it.",
    )
    assert (returned.state, returned.round) == (State.SUBMITTED, 2)
    assert returned.submitted_at == sent_at
    assert returned.progress.owner_id == editor.id
    assert mails()[-1] == ("submissions/revise", editor.email)
    event = history("submissions", returned.id)[-1]
    assert (event.verb, event.note) == ("submit", "I named it.")
    assert event.data["changes"]["publisher"] == ["Example Press", "Institute of Crossings"]


def test_a_changed_version_needs_a_word_on_it(
    db: Any, returned: Submission, by_link: Link, answers: Callable[..., Answers]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        operations.revise(returned, answers(), by=by_link(returned), note=" ")
    assert refused.value.field == "note"


def test_only_the_submitter_revises(
    db: Any, make: Factory, returned: Submission, editor: Person, by: Signed,
    answers: Callable[..., Answers],
) -> None:  # fmt: skip
    for person in (editor, make.person()):
        with pytest.raises(NotAllowed):
            operations.revise(returned, answers(), by=by(person), note="Mine now.")


@pytest.mark.parametrize("state", [s for s in State if s not in {"draft", "changes_requested"}])
def test_what_was_sent_is_not_changed_any_more(
    db: Any, make: Factory, by_link: Link, answers: Callable[..., Answers], state: State
) -> None:
    submission = make.submission(state=state)
    with pytest.raises(WrongState):
        operations.fill(submission, answers(), by=by_link(submission))
    with pytest.raises(WrongState):
        operations.save(submission, {"title": "Another"}, by=by_link(submission))
    with pytest.raises(WrongState):
        operations.attach(submission, "x.pdf", b"%PDF-1.4", by=by_link(submission))


# -- by mail --


def test_an_editor_enters_what_came_by_mail_in_its_writers_name(
    db: Any, make: Factory, editor: Person, by: Signed, mails: Mails,
    answers: Callable[..., Answers],
) -> None:  # fmt: skip
    submission = operations.record_for(
        answers(), by=by(editor), email=GUEST, name="Gia Guest", note="Letter of 1 March."
    )
    writer = accounts.by_email(GUEST)
    assert writer is not None
    assert (submission.state, submission.submitter_id) == (State.SUBMITTED, writer.id)
    assert ("submissions/record_for", GUEST) in mails()
    events = history("submissions", submission.id)
    assert [(event.verb, event.actor_id) for event in events] == [
        ("record_for", editor.id),
        ("submit", editor.id),
    ]
    assert events[0].note == "Letter of 1 March."


def test_only_an_editor_enters_what_came_by_mail_and_not_their_own(
    db: Any, make: Factory, editor: Person, by: Signed, answers: Callable[..., Answers]
) -> None:
    with pytest.raises(NotAllowed):
        operations.record_for(answers(), by=by(make.person()), email=GUEST)
    with pytest.raises(InvalidInput) as refused:
        operations.record_for(answers(), by=by(editor), email=editor.email)
    assert refused.value.field == "email"
