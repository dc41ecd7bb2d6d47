"""Whoever changes employer: their open reviews are looked at anew, and nobody's work is lost."""

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.accounts.operations import Profile, edit_profile
from reviewhub.accounts.roles import Role
from reviewhub.admin.people.merging import merge
from reviewhub.audit.models import AuditEvent
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.tasks import look_at_conflicts
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.roster import operations as roster
from reviewhub.roster.queries import membership_of
from tests.reviews.scene import Scene, accept, as_reviewer
from tests.roster.test_memberships import profile

WHY = "They left that office three years ago."


@pytest.fixture
def scene(make, db, clock):
    """A panel that is asked, of an item whose submitter works for the Office of Roads."""
    scene = Scene(make, db, internal=2, external=4)
    submitter = db.get_one(Person, scene.submission.submitter_id)
    submitter.organisation_id = make.organisation("Office of Roads").id
    db.flush()
    scene.start()
    return scene


def moves_to(db, person_id, organisation):
    """What the account page does, and then the task."""
    person = db.get_one(Person, person_id)
    edit_profile(
        person,
        Profile(
            name=person.name, organisation=organisation, locale="en", timezone="UTC",
            away_until=None,
        ),
    )  # fmt: skip
    db.commit()
    assert look_at_conflicts() == 1
    assert look_at_conflicts() == 0
    db.expire_all()


def told(db, assignment):
    """The steps that the history tells of a seat, after the invitation."""
    found = sa.select(AuditEvent.verb).where(
        AuditEvent.object_type == "assignments", AuditEvent.object_id == assignment.id
    )
    return list(db.scalars(found.order_by(AuditEvent.id)))[2:]


@pytest.mark.lasting
def test_an_invitation_is_withdrawn_and_somebody_else_is_asked(scene, db, mails):
    seat = next(one for one in scene.round.assignments if one.slot is Slot.EXTERNAL)
    moves_to(db, seat.person_id, "office of roads")
    assert (seat.state, seat.conflict_found) == (A.CANCELLED, "same_organisation")
    assert told(db, seat) == ["find_conflict", "cancel"]
    assert ("reviews/take_off", scene.of(seat)) in mails()
    (instead,) = scene.fill()
    assert (instead.slot, instead.state) == (Slot.EXTERNAL, A.INVITED)


@pytest.mark.lasting
def test_two_accounts_that_become_one_have_the_conflicts_of_both(scene, make, db):
    seat = next(one for one in scene.round.assignments if one.slot is Slot.EXTERNAL)
    kept = db.get_one(Person, seat.person_id)
    kept.organisation_id = None
    submitter = db.get_one(Person, scene.submission.submitter_id)
    other = make.person(organisation_id=submitter.organisation_id)
    administrator = make.staff(Role.ADMIN)
    merge(kept, other, by=Actor(administrator.id, administrator.roles))
    db.commit()
    assert look_at_conflicts() == 1
    db.expire_all()
    assert (seat.state, seat.conflict_found) == (A.CANCELLED, "same_organisation")


@pytest.mark.lasting
def test_a_review_at_work_goes_on_until_the_editor_decides(scene, db, mails):
    seat = scene.round.assignments[0]
    accept(seat)
    moves_to(db, seat.person_id, "Office of Roads")
    assert (seat.state, seat.conflict_found) == (A.ACCEPTED, "same_organisation")
    assert ("reviews/find_conflict", scene.editor.email) in mails()
    with pytest.raises(InvalidInput):
        operations.keep(seat, by=scene.by_editor, note="Fine.")
    operations.keep(seat, by=scene.by_editor, note=WHY)
    with pytest.raises(WrongState, match="no conflict"):
        operations.keep(seat, by=scene.by_editor, note=WHY)
    moves_to(db, seat.person_id, "")
    assert (seat.conflict_found, seat.conflict_found_at, seat.conflict_kept_at) == ("", None, None)
    assert told(db, seat) == ["accept", "find_conflict", "keep", "clear_conflict"]


@pytest.mark.lasting
def test_the_submitters_new_employer_counts_as_well_and_what_was_declared_ends_it(
    scene, db, make, mails
):
    at_work, other = scene.round.assignments[:2]
    accept(at_work)
    home = make.organisation("House of Bridges")
    db.add(DeclaredConflict(person_id=at_work.person_id, organisation_id=home.id))
    db.get_one(Person, other.person_id).organisation_id = home.id
    moves_to(db, scene.submission.submitter_id, "House of Bridges")
    assert (at_work.state, at_work.conflict_found) == (A.CANCELLED, "declared_organisation")
    assert (other.state, other.conflict_found) == (A.CANCELLED, "same_organisation")


def test_who_counts_as_the_other_kind_now_can_not_keep_the_seat_unseen(scene, db, make):
    seat = next(one for one in scene.round.assignments if one.slot is Slot.INTERNAL)
    manager = make.staff("roster_manager")
    member = membership_of(seat.person_id)
    changed = profile(internal=False, topics={"14": 3}, capacity=member.capacity)
    roster.edit(member, changed, by=Actor(manager.id, manager.roles))
    db.commit()
    assert look_at_conflicts() == 1
    assert (seat.state, seat.conflict_found) == (A.CANCELLED, "other_kind")


@pytest.mark.lasting
def test_what_an_editor_overruled_when_asking_is_not_put_before_them_again(scene, db):
    person = next(
        member.person_id
        for member in scene.members
        if not member.internal
        and member.person_id not in {one.person_id for one in scene.round.assignments}
    )
    submitter = db.get_one(Person, scene.submission.submitter_id)
    db.get_one(Person, person).organisation_id = submitter.organisation_id
    gone = next(one for one in scene.round.assignments if one.slot is Slot.EXTERNAL)
    operations.decline(gone, by=as_reviewer(gone), reason="no_time")
    operations.ask(scene.round, person_id=person, slot=Slot.EXTERNAL, by=scene.by_editor, note=WHY)
    (seat,) = scene.fill()
    moves_to(db, person, "Institute elsewhere")
    moves_to(db, person, "Office of Roads")
    assert (seat.state, seat.conflict_found) == (A.INVITED, "")


def test_who_has_left_the_roster_keeps_what_they_took_on(scene, db):
    seat = scene.round.assignments[0]
    accept(seat)
    roster.end(membership_of(seat.person_id), by=as_reviewer(seat))
    moves_to(db, seat.person_id, "Office of Roads")
    assert (seat.state, seat.conflict_found) == (A.ACCEPTED, "")


@pytest.mark.lasting
def test_the_editor_lets_them_go_on_from_the_page_of_the_panel(scene, db, sign_in):
    seat = scene.round.assignments[0]
    accept(seat)
    moves_to(db, seat.person_id, "Office of Roads")
    browser = sign_in(scene.editor)
    panel = f"/submissions/{scene.submission.ref}/panel"
    assert "there is a conflict: same organisation as the submitter" in browser.get(panel).text
    step = f"/assignments/{seat.id}/keep"
    assert "a rule speaks against it" in browser.get(step).text
    assert "please say why" in browser.post(step, data={"note": ""}).text
    assert browser.post(step, data={"note": WHY}).location.endswith(panel)
    assert "goes on all the same" in browser.get(panel).text
