"""Several managers assess an application: votes, who sees them, disagreement, and a tie."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.roles import Role
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.roster import policy
from reviewhub.roster.assessments import Assessment, Mark, Standing, Vote, own
from reviewhub.roster.criteria import criteria
from reviewhub.roster.operations import applications, assessing
from reviewhub.roster.workflow import ApplicationState
from reviewhub.taxonomy.operations import set_policy
from reviewhub.taxonomy.queries import catalogue
from tests.constraints import refused_by

S = ApplicationState
YES, NO, ASK = Vote.APPROVE, Vote.DECLINE, Vote.MORE_INFORMATION


def says(*votes):
    """Assessments of the people 1, 2, …; None has said nothing."""
    return [
        Assessment(person_id=number, vote=vote)
        for number, vote in enumerate(votes, start=1)
        if vote is not None
    ]


@pytest.mark.parametrize(
    ("wanted", "votes", "verdict", "tied", "missing"),
    [
        (1, (None,), None, False, 1),
        (1, (YES, None), YES, False, 0),
        (2, (YES, None), None, False, 1),
        (2, (YES, ASK), None, False, 1),
        (2, (YES, YES, None), YES, False, 0),
        (2, (YES, NO, None), None, False, 1),
        (2, (YES, NO, NO), NO, False, 0),
        (2, (YES, NO), None, True, 1),
        (2, (YES, YES, NO, NO), None, True, 0),
        (3, (YES, YES, NO), None, True, 1),
        (3, (YES, NO, NO, None, None), None, False, 1),
        (4, (YES, None), None, False, 1),  # only two can vote
        (1, (), None, False, 1),  # nobody can: that is no tie
    ],
)
def test_votes_add_up_by_the_number_that_has_to_agree(wanted, votes, verdict, tied, missing):
    voters = range(1, len(votes) + 1)
    standing = Standing.of(says(*votes), voters, wanted=wanted)
    assert (standing.verdict, standing.is_tied, standing.missing) == (verdict, tied, missing)


def test_the_vote_of_somebody_who_may_no_longer_vote_counts_nothing():
    assert Standing.of(says(YES, YES), [1, 3], wanted=2).sides == {1: YES}


@pytest.fixture
def two(clock):
    """The hub's rules want two managers to agree."""
    set_policy({**catalogue().policy, "application_managers": 2})


@pytest.fixture
def vote(by):
    """A manager marks everything as met, and votes."""

    def _vote(application, person, side, note="Their work is known to me."):
        marks = {one.code: Mark.MET for one in criteria()}
        return assessing.assess(application, by=by(person), marks=marks, note=note, vote=side)

    return _vote


def test_two_managers_agree_and_the_second_sends_the_decision(
    db, make, two, make_application, manager, by, vote, mails
):
    other = make.staff(Role.ROSTER_MANAGER)
    application = make_application()
    with pytest.raises(WrongState, match="own assessment first"):
        applications.approve(application, by=by(manager))
    vote(application, manager, YES)
    assert application.owner_id == other.id
    assert mails() == [("roster/assess", other.email)]
    assert policy.may_see_votes(by(manager), application)
    assert not policy.may_see_votes(by(other), application)
    with pytest.raises(WrongState, match="1 more vote"):
        applications.approve(application, by=by(manager))
    assert vote(application, other, YES).verdict is YES
    assert application.owner_id == other.id
    with pytest.raises(WrongState, match="do not say so"):
        applications.decline(
            application, by=by(other), reason="other", note="No.",
            may_reapply_on=applications.clock.today(),
        )  # fmt: skip
    applications.approve(application, by=by(other))
    assert (application.state, application.owner_id) == (S.APPROVED, None)
    third = make.staff(Role.ROSTER_MANAGER)
    with pytest.raises(WrongState, match="moved on"):
        vote(application, third, NO)
    assert policy.may_see_votes(by(third), application)  # it is decided


def test_who_disagrees_calls_in_a_third_who_sees_nothing_of_it(
    make, two, make_application, manager, by, vote, mails, db
):
    second, third = (make.staff(Role.ROSTER_MANAGER) for _one in range(2))
    make.staff(Role.ADMIN)
    application = make_application()
    vote(application, manager, YES, note="zz-yes")
    vote(application, second, NO, note="zz-no")
    assert application.owner_id == third.id
    assert mails()[-1] == ("roster/assess", third.email)
    last = db.scalars(sa.select(Message).order_by(Message.id.desc()).limit(1)).one()
    said = render(last).get_body(("plain",)).get_content()
    assert "They do not agree" in said
    assert "zz-" not in said
    assert vote(application, third, NO).verdict is NO


def test_a_tie_is_broken_by_an_administrator_without_a_stake(
    db, make, two, make_application, manager, by, vote, mails
):
    second = make.staff(Role.ROSTER_MANAGER)
    applicant = make.person()
    close = make.staff(Role.ADMIN, organisation_id=applicant.organisation_id)
    admin = make.staff(Role.ADMIN)
    application = make_application(person_id=applicant.id)
    assert policy.roles_towards(by(admin), application) == frozenset()
    vote(application, manager, YES)
    assert vote(application, second, NO).is_tied
    assert application.owner_id == admin.id
    assert mails()[-1:] == [("roster/break_tie", admin.email)]
    assert policy.roles_towards(by(close), application) == frozenset()
    with pytest.raises(WrongState):
        applications.approve(application, by=by(manager))
    applications.approve(application, by=by(admin))
    assert (application.state, application.decided_by_id) == (S.APPROVED, admin.id)


def test_somebody_who_wants_to_know_more_votes_again(
    make, two, make_application, manager, by, by_link, vote, clock
):
    make.staff(Role.ROSTER_MANAGER)
    application = make_application()
    vote(application, manager, ASK)
    assert not policy.may_see_votes(by(manager), application)
    applications.ask(
        application, by=by(manager), question="Which posts were these?",
        until=clock().date() + timedelta(days=5),
    )  # fmt: skip
    applications.answer(application, by=by_link(application), answer="Nairobi.")
    assert application.owner_id == manager.id
    assert vote(application, manager, YES).sides == {manager.id: YES}


def test_a_conflicted_manager_neither_votes_nor_sees_votes(
    make, two, make_application, manager, by, vote
):
    other, third = (make.staff(Role.ROSTER_MANAGER) for _one in range(2))
    home = make.organisation("Institute of Crossings")
    other.organisation_id = home.id
    application = make_application(organisation_name=home.name)
    vote(application, manager, YES)
    with pytest.raises(NotAllowed, match="Another roster manager decides"):
        vote(application, other, NO)
    assert not policy.may_see_votes(by(other), application)
    vote(application, third, YES)
    applications.approve(application, by=by(third))
    assert not policy.may_see_votes(by(other), application)


def test_an_assessment_is_whole_and_can_be_changed(db, make_application, manager, by, vote):
    application = make_application()
    with pytest.raises(InvalidInput) as caught:
        assessing.assess(application, by=by(manager), marks={}, note="", vote=YES)
    assert caught.value.field == "mark_experience"
    with pytest.raises(InvalidInput) as caught:
        vote(application, manager, NO, note="")
    assert caught.value.field == "note"
    vote(application, manager, NO, note="Too early.")
    vote(application, manager, YES, note="I was wrong.")
    said = own(application.id, manager.id)
    assert (said.vote, said.note, said.marks["need"]) == (YES, "I was wrong.", Mark.MET)
    with refused_by(db, "uq_roster_assessments_person"):
        db.add(Assessment(application_id=application.id, person_id=manager.id, vote=NO))


def test_where_one_manager_decides_deciding_is_voting(db, make_application, manager, by):
    application = make_application()
    applications.approve(application, by=by(manager))
    assert own(application.id, manager.id).vote is YES


def test_late_reminders_go_to_whoever_has_still_to_act(
    make, two, make_application, manager, vote, mails, clock
):
    other = make.staff(Role.ROSTER_MANAGER)
    application = make_application()
    vote(application, manager, YES)
    clock.advance(days=31)
    applications.chase(application)
    assert mails()[-1] == ("roster/overdue", other.email)
    assert application.owner_id == other.id


@pytest.mark.lasting
def test_the_pages_lead_from_the_vote_to_the_decision(
    db, make, two, make_application, manager, sign_in
):
    other = make.staff(Role.ROSTER_MANAGER, name="Olga Other")
    application = make_application()
    at = f"/roster/applications/{application.ref}"
    marks = {f"mark_{one.code}": "partly" for one in criteria()}
    desk = sign_in(manager)
    page = desk.get(at).text
    assert f"{at}/assess" in page
    assert f"{at}/approve" not in page
    assert desk.get(f"{at}/approve").status_code == 409
    assert "Choose one of the three." in desk.post(f"{at}/assess", data={"vote": "approve"}).text
    first = desk.post(f"{at}/assess", data={**marks, "vote": "approve", "note": "zz-first"})
    assert first.location.endswith(application.ref)
    assert "Olga Other" in desk.get("/roster/applications").text  # whose turn it is
    second = sign_in(other)
    page = second.get(at).text
    assert "zz-first" not in page
    assert "1 manager has assessed it" in page
    assert application.name in second.get("/roster/applications?mine=1").text
    led = second.post(f"{at}/assess", data={**marks, "vote": "approve", "note": "zz-second"})
    assert led.location.endswith("/approve")
    page = second.get(at).text
    assert "zz-first" in page
    assert "The votes agree" in page
    assert second.post(f"{at}/approve", data={"kind": "external"}).status_code == 302
    assert application.state == S.APPROVED


def test_the_page_takes_as_many_statements_for_three_votes_as_for_one(
    db, make, two, make_application, manager, vote, sign_in, count_queries
):
    others = [make.staff(Role.ROSTER_MANAGER) for _one in range(2)]
    application = make_application()
    at = f"/roster/applications/{application.ref}"
    desk = sign_in(manager)
    vote(application, manager, YES)
    db.commit()
    desk.get(at)
    with count_queries() as few:
        desk.get(at)
    for other, said in zip(others, (NO, YES), strict=True):
        vote(application, other, said)
    db.commit()
    with count_queries() as many:
        desk.get(at)
    assert len(many) == len(few) <= 15
