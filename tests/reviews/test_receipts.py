"""Receipts: what they say to anybody, what they keep to themselves, and how they end."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.core import clock as now
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations, receipts, records, statements
from reviewhub.reviews.operations import receipts as verbs
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from tests.constraints import refused_by
from tests.reviews.scene import Scene, as_reviewer, send


def _receipt(db: Any, assignment: Any) -> Receipt:
    return db.scalars(sa.select(Receipt).where(Receipt.assignment_id == assignment.id)).one()


@pytest.mark.lasting
def test_the_thanks_for_a_review_bring_a_receipt_that_names_no_item(
    db: Any, clock: Any, make: Any, client: Any
) -> None:
    scene = Scene(make, db)
    seat = scene.reviewed("include", "include", "include")[0]
    mail = db.scalars(
        sa.select(Message).where(Message.event == "reviews/submit", Message.object_id == seat.id)
    ).one()
    made = _receipt(db, seat)
    code = receipts.code(made)
    assert code not in str(mail.context), "no code stands in the outbox"
    text = render(mail).get_body(("plain",)).get_content()
    assert f"/receipts/{code}\n" in text, "and the address carries no key of the reviewer"

    answer = client.get(f"/receipts/{code}")
    name = db.get_one(Person, seat.person_id).name
    shown = answer.text[answer.text.index('id="main"') :]
    assert f"{name}" in shown and str(now.today().year) in shown  # noqa: PT018 -- one sentence
    item = db.get_one(Submission, seat.submission_id)
    for secret in (item.title, item.ref, now.today().strftime("%B")):
        assert secret not in shown.partition("<footer")[0]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.lasting
def test_an_address_is_worthless_when_changed_taken_back_or_its_owner_is_erased(
    db: Any, clock: Any, make: Any, client: Any
) -> None:
    seat = Scene(make, db).reviewed("include", "include", "include")[0]
    made, by = _receipt(db, seat), as_reviewer(seat)
    code = receipts.code(made)
    assert receipts.resolve(code) is made
    changed = (code[:-1] + "x", code.replace("-", ""), f"{made.number}-", "ſ" * 12 + "-x", "1", "")
    for wrong in changed:
        assert receipts.resolve(wrong) is None
        assert client.get(f"/receipts/{wrong or '-'}").status_code == 404

    with pytest.raises(NotAllowed):
        verbs.revoke(made, by=Actor(make.person().id))
    verbs.revoke(made, by=by)
    assert receipts.resolve(code) is None
    anew = receipts.code(verbs.issue(seat, by=by))
    assert anew != code
    assert receipts.resolve(code) is None
    assert receipts.resolve(anew) is made

    person = db.get_one(Person, seat.person_id)
    person.password_hash, person.suspended_at, person.erased_at = None, now.now(), now.now()
    db.flush()
    assert receipts.resolve(anew) is None


@pytest.mark.lasting
def test_a_review_that_goes_back_has_no_receipt_until_it_comes_again(
    db: Any, clock: Any, make: Any
) -> None:
    scene = Scene(make, db)
    panel = scene.panel()
    send(panel[0], "include")
    made = _receipt(db, panel[0])
    assert statements.of(made) is not None
    operations.return_(panel[0], by=scene.by_editor, note="What do you mean by this?")
    db.flush()
    assert statements.of(made) is None
    with pytest.raises(WrongState):
        verbs.issue(panel[0], by=as_reviewer(panel[0]))
    send(panel[0], "cannot_judge")
    db.flush()
    assert panel[0].state is A.UNFILLED
    assert statements.of(made) is None


def test_what_is_said_grows_with_the_crowd() -> None:
    day = date(2026, 2, 27)
    asked: list[tuple[date, date, int | None]] = []

    def crowd(*, of_kind: bool, of_any: bool) -> Any:
        def answer(first: date, last: date, section_id: int | None) -> bool:
            asked.append((first, last, section_id))
            return of_any if section_id is None else of_kind

        return answer

    assert statements.widest(day, 3, crowd(of_kind=True, of_any=True)) == ("month", 3)
    assert statements.widest(day, 3, crowd(of_kind=False, of_any=True)) == ("month", None)
    assert statements.widest(day, 3, crowd(of_kind=False, of_any=False)) == ("year", None)
    assert statements.widest(day, None, crowd(of_kind=True, of_any=False)) == ("year", None)
    assert {one[:2] for one in asked} == {(date(2026, 2, 1), date(2026, 2, 28))}


@pytest.mark.lasting
def test_the_month_is_said_once_five_items_were_reviewed_in_it(
    db: Any, clock: Any, make: Any
) -> None:
    scene = Scene(make, db, internal=1, external=2)
    seat = scene.reviewed("include", "include", "include")[0]
    made = _receipt(db, seat)

    def review_another() -> None:
        item = scene.suggest()
        twin = make._add(
            type(seat)(
                round_id=seat.round_id, submission_id=item.id, person_id=make.person().id,
                slot=seat.slot, internal=seat.internal, state=A.SUBMITTED, invited_at=now.now(),
                conflict_denied_at=now.now(), due_at=now.now(),
            )
        )  # fmt: skip
        make._add(
            Receipt(person_id=twin.person_id, assignment_id=twin.id, completed_on=now.today())
        )

    for _one in range(statements.CROWD - 2):
        review_another()
    assert statements.of(made).span == "year"
    review_another()
    said = statements.of(made)
    assert (said.span, said.first) == ("month", now.today().replace(day=1))
    assert said.section_id == scene.submission.section_id
    assert said.title == ""


@pytest.mark.lasting
def test_where_all_identities_are_visible_day_and_title_are_said_once_it_is_published(
    db: Any, clock: Any, make: Any
) -> None:
    scene = Scene(make, db, anonymity="visible")
    made = _receipt(db, scene.reviewed("include", "include", "include")[0])
    said = statements.of(made)
    assert (said.span, said.first, said.title) == ("day", now.today(), "")
    scene.submission.state = type(scene.submission.state).PUBLISHED
    db.flush()
    assert statements.of(made).title == scene.submission.title


@pytest.mark.lasting
def test_a_certificate_counts_a_year_that_is_over(db: Any, clock: Any, make: Any) -> None:
    seat = Scene(make, db).reviewed("include", "include", "include")[0]
    by, year = as_reviewer(seat), now.today().year
    with pytest.raises(WrongState, match="over"):
        verbs.certify(seat.person_id, year, by=by)
    clock.advance(days=366)
    with pytest.raises(WrongState, match="No review"):
        verbs.certify(seat.person_id, year - 1, by=by)
    with pytest.raises(NotAllowed):
        verbs.certify(seat.person_id, year, by=Actor(make.person().id))
    made = verbs.certify(seat.person_id, year, by=by)
    said = statements.of(made)
    assert (said.span, said.number, said.section_id) == ("year", 1, None)
    assert verbs.certify(seat.person_id, year, by=by) is made
    code = receipts.code(made)
    verbs.revoke(made, by=by)
    assert receipts.code(verbs.certify(seat.person_id, year, by=by)) != code


@pytest.mark.lasting
def test_the_record_shows_what_became_of_a_review_once_it_is_told(
    db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    scene = Scene(make, db)
    seat = scene.reviewed("include", "include", "include")[0]
    (entry,) = records.entries(seat.person_id).rows
    assert entry.outcome == records.OPEN, "the decision's mails are still held back"
    scene.tick(clock, minutes=16)
    (entry,) = records.entries(seat.person_id).rows
    assert entry.outcome in {records.APPROVED, records.PUBLISHED}
    assert entry.receipt is _receipt(db, seat)
    page = sign_in(db.get_one(Person, seat.person_id)).get("/reviews/record")
    assert page.status_code == 200
    assert scene.submission.title in page.text
    assert receipts.code(entry.receipt) in page.text


@pytest.mark.lasting
def test_without_an_account_the_link_opens_the_record(
    db: Any, clock: Any, make: Any, client: Any
) -> None:
    scene = Scene(make, db)
    seat = scene.reviewed("include", "include", "include")[0]
    db.get_one(Person, seat.person_id).password_hash = None
    link = links.ensure(Capability.APPLICATION, 7, person_id=seat.person_id)
    db.flush()
    key = links.token(link)
    year = now.today().year
    clock.advance(days=366)
    assert scene.submission.title in client.get(f"/reviews/record?key={key}").text
    answer = client.post("/reviews/record/certify", data={"key": key, "year": year})
    assert answer.status_code == 302
    assert "/receipts/" in answer.location
    db.get_one(Person, seat.person_id).password_hash = "*"
    assert "/sign-in" in client.get(f"/reviews/record?key={key}").location


@pytest.mark.lasting
def test_what_is_no_receipt_is_refused_by_the_database(db: Any, clock: Any, make: Any) -> None:
    seat = Scene(make, db).reviewed("include", "include", "include")[0]
    person, day = seat.person_id, now.today()
    for name, values in {
        "ck_receipts_one_kind": {"year": 2025, "assignment_id": seat.id, "completed_on": day},
        "ck_receipts_review_has_day": {"year": 2025, "completed_on": day},
        "uq_receipts_review": {"assignment_id": seat.id, "completed_on": day},
    }.items():
        with refused_by(db, name):
            db.add(Receipt(person_id=person, **values))
    db.add(Receipt(person_id=person, year=2025))
    db.flush()
    with refused_by(db, "uq_receipts_year"):
        db.add(Receipt(person_id=person, year=2025))
