"""Whatever waits has somebody who acts, and a date: every state of every machine, walked over."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.roles import Role
from reviewhub.admin.waiting import WAITS, lacking
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.library import workflow as library_workflow
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import tasks
from reviewhub.reviews import workflow as reviews_workflow
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster import workflow as roster_workflow
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions import operations as submissions
from reviewhub.submissions import workflow as submissions_workflow
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, send

# Each machine's states, and those in which nothing is waited for; written apart from the workflows.
MACHINES = {
    "submissions": (State, submissions_workflow.WAITS, "rejected published withdrawn"),
    "assignments": (
        AssignmentState,
        reviews_workflow.WAITS,
        "proposed submitted unfilled declined expired recused cancelled surplus",
    ),
    "roster_applications": (
        ApplicationState, roster_workflow.APPLICATION_WAITS, "approved declined withdrawn"
    ),
    "roster_memberships": (MembershipState, roster_workflow.MEMBERSHIP_WAITS, "ended"),
    "resources": (ResourceState, library_workflow.WAITS, "archived removed"),
}  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_waits_for_somebody_or_rests(machine):
    states, declared, resting = MACHINES[machine]
    assert set(declared) == set(states)
    assert {state.value for state, waits in declared.items() if waits is None} == {*resting.split()}
    waits = [wait.state for wait in WAITS if wait.machine == machine]
    assert waits == [state for state, words in declared.items() if words is not None]


def test_beside_the_machines_a_question_a_search_and_a_second_person_are_waited_for():
    assert [wait.machine for wait in WAITS if wait.state is None] == [
        "questions", "review_rounds", "sign_offs",
    ]  # fmt: skip


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait.name)
def test_who_acts_until_when_and_what_comes_then_is_said(wait):
    assert str(wait.words.who)
    assert str(wait.words.until)
    assert str(wait.words.late)


def rows(db, machine, state=None):
    """What waits in a state: id, person, date."""
    db.flush()
    wait = next(one for one in WAITS if (one.machine, one.state) == (machine, state))
    assert db.execute(lacking(wait)).all() == []
    return {row.id: (row.person, row.date) for row in db.execute(wait.rows())}


@pytest.fixture
def scene(make, db, clock):
    return Scene(make, db, on_approval="wait_for_editor")


@pytest.mark.lasting
def test_a_submission_has_an_owner_and_a_date_all_the_way(scene, db, clock):
    item, editor = scene.submission, scene.editor.id
    assert rows(db, "submissions", State.SUBMITTED)[item.id][0] == editor
    panel = scene.start()
    owner, until = rows(db, "submissions", State.IN_REVIEW)[item.id]
    assert (owner, until) == (editor, item.progress.due_at)
    assert until > clock() + timedelta(days=21)
    invited = rows(db, "assignments", AssignmentState.INVITED)
    assert invited == {one.id: (one.person_id, one.answer_by) for one in panel}
    for one in panel:
        accept(one)
    accepted = rows(db, "assignments", AssignmentState.ACCEPTED)
    assert accepted == {one.id: (one.person_id, clock() + timedelta(days=21)) for one in panel}
    for one in panel[:2]:
        send(one)
    reviews.return_(panel[0], by=scene.by_editor, note="Which chapter do you mean?")
    assert rows(db, "assignments", AssignmentState.RETURNED)[panel[0].id][0] == panel[0].person_id
    send(panel[0])
    send(panel[2], "include_corrected")
    assert rows(db, "submissions", State.REVIEWED)[item.id] == (editor, clock() + timedelta(days=7))
    reviews.approve(item, by=scene.by_editor)
    assert rows(db, "submissions", State.APPROVED)[item.id][0] == editor


def test_changes_and_questions_wait_for_the_submitter(scene, db, clock):
    item = scene.submission
    question = submissions.ask(item, by=scene.by_editor, text="Which edition is this?")
    assert rows(db, "questions") == {question.id: (item.submitter_id, clock() + timedelta(days=14))}
    submissions.answer(item, question, by=scene.by_submitter, text="The second.")
    assert rows(db, "questions") == {}
    reviews.request_changes(item, by=scene.by_editor, wanted="Please name the edition.")
    due = clock() + timedelta(days=30)
    assert rows(db, "submissions", State.CHANGES_REQUESTED) == {item.id: (item.submitter_id, due)}


@pytest.mark.lasting
def test_an_appeal_waits_for_another_editor_by_the_hubs_working_days(scene, db, make, clock):
    other = make.editor("Otto Other")
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    reviews.reject(scene.submission, by=scene.by_editor, reason="other", note="Too old.")
    clock.advance(hours=1)
    scene.deliver()
    reviews.appeal(
        scene.submission, by=scene.by_submitter, note="The second edition was overlooked."
    )
    owner, until = rows(db, "submissions", State.SUBMITTED)[scene.submission.id]
    assert owner == other.id
    assert until.weekday() < 5


def test_a_search_without_end_is_the_editors(make, db, clock):
    scene = Scene(make, db, internal=0)
    scene.start()
    assert rows(db, "review_rounds") == {
        scene.round.id: (scene.editor.id, clock() + timedelta(days=1))
    }


def test_the_roster_waits_for_managers_applicants_and_members(make, db, clock):
    member = make.member()
    assert rows(db, "roster_memberships", MembershipState.ACTIVE)[member.id] == (
        member.person_id, member.term_ends_on,
    )  # fmt: skip


# -- an owner who can't act --


def away(person, clock, days):
    person.away_until = clock() + timedelta(days=days)


def test_a_deputy_takes_over_at_once_where_the_owner_is_away_beyond_the_date(
    scene, db, make, clock
):
    other = make.editor("Otto Other")
    away(scene.editor, clock, 20)
    db.commit()
    tasks.tick()
    tasks.tick()
    db.expire_all()
    row = scene.submission.progress
    assert (row.owner_id, row.editor_id) == (other.id, other.id)
    assert scene.sent_to("stand_in") == [other.email]


def test_who_is_back_before_the_date_stays_the_owner(scene, db, make, clock):
    make.editor("Otto Other")
    away(scene.editor, clock, 3)
    db.commit()
    tasks.tick()
    db.expire_all()
    assert scene.submission.progress.owner_id == scene.editor.id
    assert scene.sent_to("stand_in") == []


def test_with_one_member_of_staff_the_date_waits_until_they_are_back(scene, db, clock):
    away(scene.editor, clock, 20)
    back = scene.editor.away_until
    db.commit()
    tasks.tick()
    tasks.tick()
    db.expire_all()
    row = scene.submission.progress
    assert (row.owner_id, row.reminders) == (scene.editor.id, 0)
    assert row.due_at >= back
    assert row.due_at.weekday() < 5, "the first working day on which they are back"
    assert row.due_at - back < timedelta(days=3)


def test_a_deputy_who_is_away_as_well_is_not_asked(scene, db, make, clock):
    third = make.staff(Role.ADMIN)
    for one in (scene.editor, make.editor("Otto Other")):
        away(one, clock, 20)
    db.commit()
    tasks.tick()
    db.expire_all()
    assert scene.submission.progress.owner_id == third.id


@pytest.mark.parametrize("how", ["suspended", "no role any more"])
def test_what_somebody_leaves_behind_goes_to_somebody_else(scene, db, make, clock, how):
    other = make.editor("Otto Other")
    if how == "suspended":
        scene.editor.suspended_at = clock()
    else:
        db.execute(
            sa.text("DELETE FROM standing_roles WHERE person_id = :id"), {"id": scene.editor.id}
        )
    db.commit()
    tasks.tick()
    db.expire_all()
    assert scene.submission.progress.owner_id == other.id
    assert scene.sent_to("stand_in") == [other.email]


@pytest.mark.lasting
def test_a_decision_whose_second_person_is_away_goes_back_to_the_first(make, db, clock):
    scene = Scene(make, db, second_sign_off=True, on_include="ask_editor")
    second = make.editor("Otto Other")
    make.editor("Third Editor")
    scene.reviewed("include", "include", "include_corrected")
    reviews.approve(scene.submission, by=scene.by_editor, second_id=second.id)
    assert rows(db, "sign_offs").popitem()[1][0] == second.id
    away(second, clock, 30)
    db.commit()
    tasks.tick()
    tasks.tick()
    db.expire_all()
    row = scene.submission.progress
    assert (row.owner_id, row.editor_id) == (scene.editor.id, scene.editor.id)
    assert scene.sent_to("stand_in") == [scene.editor.email]


def test_an_item_of_which_every_editor_is_part_stays_with_its_panel(make, db, clock):
    scene = Scene(make, db)
    scene.submission.submitter_id = scene.editor.id
    scene.submission.progress.owner_id = None
    make.staff(Role.ADMIN)
    db.commit()
    tasks.tick()
    db.expire_all()
    assert scene.submission.progress.owner_id is None
    assert rows(db, "submissions", State.SUBMITTED) == {}


@pytest.mark.lasting
def test_the_check_finds_what_waits_for_nobody_or_for_ever(scene, db):
    ours = [one for one in INVARIANTS if one.says.startswith("Whatever waits (")]
    assert len(ours) == len(WAITS)
    assert [one.says for one in ours if broken(one)] == []
    scene.submission.progress.owner_id = None
    db.flush()
    assert [one.says for one in ours if broken(one)] == [
        "Whatever waits (submissions: submitted) has somebody and a date."
    ]
    scene.submission.progress.owner_id = scene.editor.id
    scene.submission.progress.due_at = None
    db.flush()
    assert len([one for one in ours if broken(one)]) == 1
