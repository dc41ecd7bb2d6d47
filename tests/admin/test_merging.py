"""Two rows for one person become one, whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import (
    BrowserSession,
    DeclaredConflict,
    Identity,
    Link,
    Person,
)
from reviewhub.accounts.operations import reinstate
from reviewhub.accounts.roles import Role
from reviewhub.admin.models import SavedList
from reviewhub.admin.people import finding, merging
from reviewhub.admin.people.clashes import between
from reviewhub.admin.people.holdings import HOLDINGS, PARTS, column_of
from reviewhub.audit.operations import record
from reviewhub.core import clock as core_clock
from reviewhub.core.db import Model
from reviewhub.core.errors import WrongState
from reviewhub.notifications.kinds import How, Kind
from reviewhub.notifications.models import MailChoice, Message
from reviewhub.notifications.outbox import page, tell
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.roster.assessments import Assessment, Vote
from reviewhub.roster.models import Application
from reviewhub.submissions.entered import enter_for
from reviewhub.submissions.models import DecisionKind
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.constraints import refused_by


def references() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == Person.__tablename__
    }


@pytest.fixture
def admin(make: Any) -> Actor:
    """An administrator."""
    person = make.staff(Role.ADMIN)
    return Actor(person.id, person.roles)


@pytest.fixture
def pair(make: Any) -> tuple[Person, Person]:
    """Ana, whom the hub knows twice."""
    return make.person("Ana Twice", email="ana.twice@one.example"), make.person(
        "Twice, Ana", email="ana.twice@two.example"
    )


def test_every_reference_to_people_is_thought_of(app: Any) -> None:
    assert set(HOLDINGS) == references()
    for name, holding in HOLDINGS.items():
        columns = column_of(name).table.c
        assert {*holding.empties, *holding.exports} <= set(columns.keys()), name
    for part in PARTS:
        exported = set(part.exports) | {part.column}
        assert exported <= set(Model.metadata.tables[part.table].c.keys()), part.table


@pytest.mark.lasting
def test_everything_moves_and_the_old_address_leads_to_the_account_that_is_kept(
    db: Any, clock: Any, make: Any, admin: Actor, pair: Any
) -> None:
    kept, other = pair
    submission = make.submission(submitter_id=other.id)
    member = make.member(person=other)
    other.grants = [*other.grants, *make.staff(Role.EDITOR).grants[:0]]
    db.add_all([
        Identity(person_id=other.id, issuer="https://provider.example", subject="1"),
        SavedList(person_id=other.id, name="mine", query="a=1"),
        SavedList(person_id=kept.id, name="mine", query="b=2"),
        MailChoice(person_id=other.id, kind=Kind.OUTCOMES, how=How.NONE),
        DeclaredConflict(person_id=other.id, other_person_id=kept.id),
        DeclaredConflict(person_id=other.id, country="KEN"),
        BrowserSession(token_hash="a" * 64, person_id=other.id,
                       expires_at=clock() + timedelta(days=1)),
    ])  # fmt: skip
    record(submission, "confirm", actor_id=other.id, role="self")
    theirs = links.ensure(Capability.SUBMISSION, submission.id, person_id=other.id)
    account = links.ensure(Capability.ACCOUNT, other.id, person_id=other.id)
    old = links.token(theirs)
    for person in pair:
        tell("submissions/submit", people.recipient(person), submission, target=page("x"))
    tell("submissions/new", people.recipient(other), submission, target=page("x"))
    db.flush()

    seen = merging.preview(kept, other)
    assert ("Suggestions", 1) in seen.moves
    assert ("Membership of the roster", 1) in seen.moves
    assert seen.clashes == ()
    merging.merge(kept, other, by=admin)

    for name in references() - {"people.merged_into_id"}:
        column = column_of(name)
        found = db.scalar(sa.select(sa.func.count()).where(column == other.id))
        assert found == 0, f"{name} still refers to the account that was closed"
    assert (submission.submitter_id, member.person_id) == (kept.id, kept.id)
    assert people.by_email("ana.twice@two.example").id == kept.id
    assert (other.is_active, other.merged_into_id) == (False, kept.id)
    assert links.resolve(old) is None
    assert links.resolve(links.token(theirs)).person_id == kept.id
    assert db.get(Link, account.id).revoked_at is not None
    assert [one.query for one in db.scalars(sa.select(SavedList))] == ["b=2"]
    conflicts = db.scalars(sa.select(DeclaredConflict)).all()
    assert [(one.person_id, one.country) for one in conflicts] == [(kept.id, "KEN")]
    mails = db.scalars(sa.select(Message).order_by(Message.id)).all()
    assert {mail.address for mail in mails} == {kept.email}
    assert [mail.event for mail in mails] == [
        "submissions/submit", "submissions/new", "admin/merge",
    ]  # fmt: skip
    with pytest.raises(WrongState, match="merged or erased"):
        reinstate(other)
    third = make.person()
    merging.merge(third, kept, by=admin)
    assert people.by_email("ana.twice@two.example").id == third.id, "an address leads to the end"


def seat(make: Any, submission: Any, person: Person, current: ReviewRound) -> Assignment:
    return make._add(  # type: ignore[no-any-return]  # any row
        Assignment(
            round_id=current.id, submission_id=submission.id, person_id=person.id,
            slot=Slot.EXTERNAL, internal=False, state=AssignmentState.INVITED,
            invited_at=core_clock.now(), answer_by=core_clock.now() + timedelta(days=3),
        )
    )  # fmt: skip


@pytest.mark.lasting
def test_what_one_person_could_not_have_done_keeps_two_accounts_apart(
    db: Any, clock: Any, make: Any, admin: Actor, pair: Any
) -> None:
    kept, other = pair
    assert between(kept, other) == []
    policy = adopt_policy(catalogue().policy)
    submission = make.submission(state=State.IN_REVIEW, submitter_id=kept.id)
    current = make._add(ReviewRound(submission_id=submission.id, number=1, policy_id=policy.id))

    def clash(*rows: Any) -> str:
        """The one obstacle that these rows make."""
        with db.begin_nested() as point:
            for row in rows:
                make._add(row)
            found = between(kept, other)
            assert found == between(other, kept) or len(found) == len(between(other, kept))
            with pytest.raises(WrongState):
                merging.merge(kept, other, by=admin)
            point.rollback()
        assert len(found) == 1, found
        return found[0]

    def application(person: Person, **values: Any) -> Application:
        number = next(make.numbers)
        return Application(
            ref=f"RA-{number}", person_id=person.id, name="A", organisation_name="B",
            internal=False, country="KEN", languages=["en"], topics={"14": 3}, years_experience=1,
            statement="", competing_interests="", consented_at=clock(), **values,
        )  # fmt: skip

    with db.begin_nested() as point:
        seat(make, submission, other, current)
        assert "asked to review it" in between(kept, other)[0]
        point.rollback()
    with db.begin_nested() as point:
        another = make.submission(state=State.IN_REVIEW)
        opened = make._add(ReviewRound(submission_id=another.id, number=1, policy_id=policy.id))
        seat(make, another, other, opened)
        seat(make, another, kept, opened)
        assert "two seats" in between(kept, other)[0]
        another.progress.editor_id = kept.id
        db.flush()
        assert any("the other handled" in one for one in between(kept, other))
        point.rollback()
    with db.begin_nested() as point:
        submission.progress.editor_id = other.id
        db.flush()
        assert "handled or decided" in between(kept, other)[0]
        point.rollback()
    with db.begin_nested() as point:
        make.member(person=kept)
        make.member(person=other)
        assert "membership" in between(kept, other)[0]
        point.rollback()
    pending = {"state": "submitted", "submitted_at": clock(), "due_at": clock()}
    both = [application(one, **pending) for one in pair]
    assert "open application" in clash(*both)
    own = make._add(application(kept, **pending))
    assert "judged the application" in clash(
        Assessment(application_id=own.id, person_id=other.id, marks={}, vote=Vote.APPROVE)
    )
    assert "takes two people" in clash(
        SignOff(
            submission_id=submission.id, kind=DecisionKind.APPROVED, proposed_by_id=kept.id,
            second_id=other.id, due_at=clock(),
        )
    )  # fmt: skip
    with db.begin_nested() as point:
        enter_for(submission, "answer", person_id=kept.id, by_id=other.id,
                  received_on=core_clock.today())  # fmt: skip
        assert "from a mail" in between(kept, other)[0]
        point.rollback()
    kept.password_hash = None
    assert "no way to sign in" in between(kept, other)[0]
    other.suspended_at = clock()
    assert "suspended" in between(kept, other)[0]
    assert "one and the same" in between(kept, kept)[0]


def test_people_who_may_be_one_are_proposed(db: Any, clock: Any, make: Any, pair: Any) -> None:
    make.person("Ana Other", email="contact@three.example")
    make.person("Bo Other", email="contact@four.example")
    [(one, two)] = finding.pairs()
    assert {one.id, two.id} == {person.id for person in pair}
    assert [row.id for row in finding.like(pair[0])] == [pair[1].id]
    assert [row.id for row in finding.found("@TWO.example")] == [pair[1].id]


def test_the_list_of_people_asks_the_database_as_often_for_many_as_for_few(
    db: Any, clock: Any, make: Any, pair: Any, sign_in: Any
) -> None:
    browser, statements = sign_in(make.staff(Role.ADMIN)), []

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    def count() -> int:
        statements.clear()
        assert browser.get("/desk/people").status_code == 200
        return len(statements)

    sa.event.listen(db.get_bind(), "before_cursor_execute", collect)
    few = count()
    for number in range(5):
        make.person("Ana Twice", email=f"ana.twice@host{number}.example")
    assert count() == few
    sa.event.remove(db.get_bind(), "before_cursor_execute", collect)


@pytest.mark.lasting
def test_an_administrator_compares_confirms_and_merges(
    db: Any, clock: Any, make: Any, pair: Any, sign_in: Any
) -> None:
    kept, other = pair
    browser = sign_in(make.staff(Role.ADMIN))
    address = f"/desk/people/{kept.id}/merge/{other.id}"
    assert address in browser.get("/desk/people").text
    assert f"merge/{other.id}" in browser.get(f"/desk/people/{kept.id}").text
    found = browser.get(f"/desk/people?q=two.example&with={kept.id}").text
    assert address in found
    assert "be undone" in browser.get(address).text
    assert browser.post(address, data={}).status_code == 200
    assert people.get(other.id).merged_into_id is None, "not without the box"
    assert browser.post(address, data={"understood": "y"}).status_code == 302
    assert people.get(other.id).merged_into_id == kept.id
    assert "was merged" in browser.get(f"/desk/people/{other.id}").text
    assert browser.post(address, data={"understood": "y"}).status_code == 409
    assert browser.get("/desk/people/987654").status_code == 404


def test_a_closed_account_opens_nothing(db: Any, clock: Any, make: Any) -> None:
    person, other = make.person(), make.person()
    with refused_by(db, "ck_people_merged_is_closed"):
        person.merged_into_id = other.id
    db.refresh(person)
    with refused_by(db, "ck_people_erased_is_closed"):
        person.erased_at = clock()
