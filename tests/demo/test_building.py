"""The demo: every state occurs, everybody finds something to do, nobody real is in it."""

from collections import Counter
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from reviewhub.accounts import demo as logins
from reviewhub.accounts.models import Person
from reviewhub.accounts.operations import check_password
from reviewhub.accounts.roles import Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core import config
from reviewhub.demo import build, content
from reviewhub.demo.people import PASSWORD, REVIEWER_LOGIN, SUBMITTER_LOGIN
from reviewhub.library.models import Origin, Resource
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews.models import Assignment, PanelResult, ReviewRound
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.models import Application, Membership, MembershipTopic
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

pytestmark = pytest.mark.slow

NOW = datetime(2026, 7, 19, 22, 30, tzinfo=UTC)  # a Sunday night, just after a half-year began


@pytest.fixture
def built(db, tmp_path):
    """The demo as of NOW, its logins in a folder of their own."""
    before = config.current()
    config.use(before.model_copy(update={"var": tmp_path}))
    assert build(now=NOW)
    db.flush()
    yield db
    config.use(before)


def values(db, column):
    return Counter(db.scalars(sa.select(column)))


def test_the_demo_has_everything_and_contradicts_nothing(built):
    db = built
    assert set(values(db, Submission.state)) == set(State)
    assert set(values(db, Application.state)) == set(ApplicationState)
    assert set(values(db, Membership.state)) == set(MembershipState)
    results = set(values(db, ReviewRound.result))
    assert {PanelResult.SHORT, PanelResult.GATE, PanelResult.CORRECT} <= results
    assert {PanelResult.EXCLUDE, PanelResult.TIED, PanelResult.INCLUDE} <= results
    covered = set(db.scalars(sa.select(MembershipTopic.term_id)))
    assert {term.id for term in catalogue().vocabulary("topics")} <= covered
    published = values(db, Submission.state)[State.PUBLISHED]
    assert values(db, Resource.origin) == {Origin.CHECKED: 19, Origin.REVIEWED: published}
    assert not db.scalar(sa.select(Resource.id).where(Resource.is_demo.is_(False)))
    _everybody_finds_something_to_do(db)
    _the_past_is_over(db)
    assert not build(now=NOW)  # a second time changes nothing


def _everybody_finds_something_to_do(db):
    roles = {login.role: login for login in logins.logins()}
    assert set(roles) == {Role.SUBMITTER, Role.REVIEWER, Role.EDITOR, Role.ROSTER_MANAGER,
                          Role.ADMIN, Role.AUDITOR}  # fmt: skip
    assert check_password(roles[Role.EDITOR].email, PASSWORD) is not None
    seats = db.scalars(
        sa.select(Assignment.state).join(Person, Person.id == Assignment.person_id)
        .where(Person.email == REVIEWER_LOGIN)
    )  # fmt: skip
    assert {AssignmentState.INVITED, AssignmentState.ACCEPTED} <= set(seats)
    states = db.scalars(
        sa.select(Submission.state).join(Person, Person.id == Submission.submitter_id)
        .where(Person.email == SUBMITTER_LOGIN)
    )  # fmt: skip
    assert State.CHANGES_REQUESTED in set(states)


def _the_past_is_over(db):
    mails = values(db, Message.state)
    assert 0 < mails[MessageState.QUEUED] < 20
    assert {MessageState.FAILED, MessageState.DEAD, MessageState.HELD} <= set(mails)
    assert db.scalar(sa.select(sa.func.max(AuditEvent.at)).where(
        AuditEvent.object_type == "submissions")) <= NOW  # fmt: skip
    moments = list(db.scalars(
        sa.select(AuditEvent.at).where(AuditEvent.object_type == "submissions")
        .order_by(AuditEvent.id)
    ))  # fmt: skip
    assert moments == sorted(moments)


def test_every_address_is_one_that_can_never_exist(app):
    people = [*content.roster(), *content.submitters(), *content.applicants()]
    assert not [who.email for who in people if not who.email.endswith(".example")]
    assert len({who.email for who in people}) == len(people)


def test_the_roster_reads_every_language_from_both_sides(app):
    for internal in (True, False):
        read = {
            code for who in content.roster() if who.internal is internal for code in who.languages
        }
        assert read >= {"ar", "zh", "en", "fr", "ru", "es"}


def test_titles_come_in_six_languages(app):
    assert {one.language for one in content.suggestions()} == {"ar", "zh", "en", "fr", "ru", "es"}
