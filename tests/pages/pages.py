"""Every page of the application, each with somebody who may see it, on the demo's content.

A new GET route needs an entry in PAGES, or in NOT_PAGES with what it is instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import current_app, url_for

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.demo.people import REVIEWER_LOGIN, STAFF, SUBMITTER_LOGIN
from reviewhub.jobs.models import Job
from reviewhub.library.models import Origin, Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications import mailbox
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

Values = dict[str, Any]
Found = tuple[Values, int | None]  # what the address needs, and who owns the thing

NOBODY, OWNER = "nobody", "owner"

# Routes that answer GET with something that is no page of ours.
NOT_PAGES = {
    "static": "style sheets, scripts and pictures",
    "health.healthz": "a word for machines",
    "health.readyz": "a word for machines",
    "metrics.metrics": "figures for machines",
    "submissions.file": "a download",
    "reviews.file": "a download",
    "library.file": "a download",
    "roster.cv": "a download",
    "admin.mail_html": "a mail in a frame; mails have tests of their own",
    "reviews.accept": "sends a reader of the address to the assignment",
    "reviews.submit": "sends a reader of the address to the assignment",
}


@dataclass(frozen=True)
class Page:
    """A page: its endpoint, who looks at it, and what its address needs."""

    endpoint: str
    who: str = NOBODY
    find: Callable[[], Found] = lambda: ({}, None)
    status: int = 200
    variant: str = ""
    half_way: bool = False  # signed in, but for the code of the second factor

    @property
    def name(self) -> str:
        """What a test calls it."""
        return self.endpoint + (f"-{self.variant}" if self.variant else "")


@dataclass(frozen=True)
class Visit:
    """A page as it is asked for: its path, and the id of the account that asks."""

    page: Page
    path: str
    person_id: int | None


def visit(page: Page) -> Visit:
    """Find what the page is about; needs an application context with the demo's content."""
    values, owner = page.find()
    with current_app.test_request_context(base_url=config.current().base_url):
        path = url_for(page.endpoint, **values)
    return Visit(page, path, owner if page.who == OWNER else _account(page.who))


def _account(who: str) -> int | None:
    if who == NOBODY:
        return None
    named = {"submitter": SUBMITTER_LOGIN, "reviewer": REVIEWER_LOGIN}
    named |= {role.value: email for role, _name, email in reversed(STAFF)}
    return db.session.scalars(sa.select(Person.id).where(Person.email == named[who])).one()


def _given(**values: Any) -> Found:
    return values, None


def _submission(state: State) -> Found:
    """The newest submission in the state, of somebody who is known."""
    query = sa.select(Submission).where(
        Submission.state == state, Submission.submitter_id.is_not(None)
    )
    found = db.session.scalars(query.order_by(Submission.id.desc())).first()
    assert found is not None, state
    return {"ref": found.ref}, found.submitter_id


def _refused(*, at_screening: bool, appealed: bool = False) -> Found:
    """What was rejected, by an editor at first sight or after reviews."""
    before = sa.select(Decision.submission_id).where(Decision.superseded_at.is_not(None))
    query = sa.select(Submission).where(
        Submission.state == State.REJECTED,
        Submission.id == Decision.submission_id,
        Decision.superseded_at.is_(None),
        Decision.at_screening.is_(at_screening),
        Submission.id.in_(before) if appealed else Submission.id.not_in(before),
    )
    found = db.session.scalars(query.order_by(Submission.id.desc())).first()
    assert found is not None, at_screening
    return {"ref": found.ref}, found.submitter_id


def _assignment(*states: A) -> Found:
    found = db.session.scalars(
        sa.select(Assignment).where(Assignment.state.in_(states)).order_by(Assignment.id.desc())
    ).first()
    assert found is not None, states
    return {"assignment_id": found.id}, found.person_id


def _application(*states: ApplicationState) -> Found:
    found = db.session.scalars(
        sa.select(Application).where(Application.state.in_(states)).order_by(Application.id.desc())
    ).first()
    assert found is not None, states
    return {"ref": found.ref}, found.person_id


def _membership(state: MembershipState = MembershipState.ACTIVE) -> Found:
    found = db.session.scalars(
        sa.select(Membership).where(Membership.state == state).order_by(Membership.id)
    ).first()
    assert found is not None, state
    return {"membership_id": found.id}, found.person_id


def _me() -> Found:
    return {}, _membership()[1]


def _resource(*where: sa.ColumnElement[bool]) -> Found:
    found = db.session.scalars(sa.select(Resource).where(*where).order_by(Resource.id)).first()
    assert found is not None, where
    return {"slug": found.slug}, None


def _topic() -> Found:
    hub = catalogue()
    return {"slug": hub.topic_slug, "code": hub.vocabulary("topics")[0].code}, None


def _topics() -> Found:
    return {"slug": catalogue().topic_slug}, None


def _job() -> Found:
    return {"job_id": db.session.scalars(sa.select(Job.id)).one()}, None


def _mail() -> Found:
    newest = mailbox.recent(config.current().var / "mailbox", 1)
    return {"mail_id": newest[0].id}, None


def _by_mail() -> Found:
    """The link in the mail of somebody who chooses a password."""
    person = db.session.scalars(sa.select(Person).where(Person.email == SUBMITTER_LOGIN)).one()
    link = links.ensure(Capability.ACCOUNT, person.id, person_id=person.id)
    db.session.commit()
    return {"key": links.token(link)}, None


def _published(*states: ResourceState) -> Callable[[], Found]:
    return partial(_resource, Resource.state.in_(states))


_EDITOR, _MANAGER = Role.EDITOR.value, Role.ROSTER_MANAGER.value
_WAITING = (ApplicationState.SUBMITTED, ApplicationState.MORE_INFORMATION)
_LISTED = _published(ResourceState.PUBLISHED)
_DECLINED = partial(_refused, at_screening=True)
_REJECTED = partial(_refused, at_screening=False)


def _of(state: State) -> Callable[[], Found]:
    return partial(_submission, state)


def _at(*states: A) -> Callable[[], Found]:
    return partial(_assignment, *states)


def _shown(state: State) -> list[Page]:
    """Where a submission stands, as its submitter and as the desk see it."""
    item = Page("admin.item", _EDITOR, _of(state), variant=state.value)
    if state is State.DRAFT:
        return []
    return [Page("submissions.show", OWNER, _of(state), variant=state.value), item]


PAGES: tuple[Page, ...] = (
    Page("library.front"),
    Page("library.index"),
    Page("library.index", find=partial(_given, q="guide", sort="newest"), variant="search"),
    Page("library.index", find=partial(_given, q="qqxyzzy"), variant="nothing"),
    Page("library.facet", find=partial(_given, name="country")),
    Page("library.topics", find=_topics),
    Page("library.topic", find=_topic),
    Page("library.how_we_review"),
    Page("library.resource", find=partial(_resource, Resource.origin == Origin.REVIEWED),
         variant="reviewed"),
    Page("library.resource", find=partial(_resource, Resource.origin == Origin.CHECKED),
         variant="checked"),
    Page("library.resource", find=_published(ResourceState.ARCHIVED), variant="archived"),
    Page("library.resource", find=_published(ResourceState.REMOVED), status=410,
         variant="removed"),
    Page("library.resource", find=partial(_given, slug="there-is-no-such-thing"), status=404,
         variant="missing"),
    Page("library.archive", _EDITOR, _LISTED),
    Page("library.correct", _EDITOR, _LISTED),
    Page("library.remove", _EDITOR, _LISTED),
    Page("library.restore", _EDITOR, _published(ResourceState.ARCHIVED)),
    Page("library.publish", _EDITOR, _of(State.APPROVED)),
    Page("accounts.sign_in"),
    Page("accounts.register"),
    Page("accounts.reset"),
    Page("accounts.look_in_mail"),
    Page("accounts.choose_password", find=_by_mail),
    Page("accounts.notices", Role.SUBMITTER.value),
    Page("accounts.account", Role.SUBMITTER.value),
    Page("accounts.change_password", Role.SUBMITTER.value),
    Page("accounts.totp", Role.SUBMITTER.value),
    Page("accounts.enter_code", Role.SUBMITTER.value, half_way=True),
    Page("submissions.suggest"),
    Page("submissions.suggest", Role.SUBMITTER.value, variant="signed-in"),
    Page("submissions.resume", OWNER, _of(State.DRAFT)),
    Page("submissions.sent", OWNER, _of(State.DRAFT)),
    Page("submissions.confirm", OWNER, _of(State.DRAFT)),
    Page("submissions.index", Role.SUBMITTER.value),
    *(page for state in State for page in _shown(state)),
    Page("submissions.revise", OWNER, _of(State.CHANGES_REQUESTED)),
    Page("submissions.decline", _EDITOR, _of(State.SUBMITTED)),
    Page("submissions.refile", _EDITOR, _of(State.SUBMITTED)),
    Page("submissions.rescreen", _EDITOR, _DECLINED),
    Page("submissions.revive", _EDITOR, _of(State.WITHDRAWN)),
    Page("submissions.record_for", _EDITOR),
    Page("reviews.start_review", _EDITOR, _of(State.SUBMITTED)),
    Page("reviews.finish_review", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.consult", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.request_changes", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.approve", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.reject", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.reopen", _EDITOR, _REJECTED),
    Page("reviews.withdraw", OWNER, _of(State.SUBMITTED)),
    Page("reviews.appeal", OWNER, _REJECTED),
    Page("reviews.index", Role.REVIEWER.value),
    Page("reviews.show", OWNER, _at(A.INVITED), variant="invited"),
    Page("reviews.show", OWNER, _at(A.ACCEPTED), variant="writing"),
    Page("reviews.show", OWNER, _at(A.SUBMITTED), variant="sent"),
    Page("reviews.show", OWNER, _at(A.DECLINED), variant="over"),
    Page("reviews.decline", OWNER, _at(A.INVITED)),
    Page("reviews.extend", OWNER, _at(A.ACCEPTED)),
    Page("reviews.recuse", OWNER, _at(A.ACCEPTED)),
    Page("roster.apply"),
    Page("roster.apply", Role.SUBMITTER.value, variant="signed-in"),
    Page("roster.sent"),
    Page("roster.applications", _MANAGER),
    Page("roster.show", _MANAGER, partial(_application, *_WAITING), variant="desk"),
    *(Page("roster.show", OWNER, partial(_application, state), variant=state.value)
      for state in ApplicationState),
    Page("roster.confirm", OWNER, partial(_application, ApplicationState.DRAFT)),
    Page("roster.answer", OWNER, partial(_application, ApplicationState.MORE_INFORMATION)),
    Page("roster.withdraw", OWNER, partial(_application, *_WAITING)),
    Page("roster.ask", _MANAGER, partial(_application, ApplicationState.SUBMITTED)),
    Page("roster.approve", _MANAGER, partial(_application, *_WAITING)),
    Page("roster.decline", _MANAGER, partial(_application, *_WAITING)),
    Page("roster.me", OWNER, _me),
    Page("roster.me", Role.SUBMITTER.value, variant="no-member"),
    Page("roster.members", _MANAGER),
    Page("roster.member", _MANAGER, _membership),
    Page("roster.edit", OWNER, _membership),
    Page("roster.pause", OWNER, _membership),
    Page("roster.end", OWNER, _membership),
    Page("admin.queue", _EDITOR),
    Page("admin.history", _EDITOR),
    Page("admin.outbox", _EDITOR),
    Page("admin.outbox", Role.AUDITOR.value, variant="auditor"),
    Page("admin.queue", Role.AUDITOR.value, status=200, variant="auditor"),
    Page("admin.history", Role.SUBMITTER.value, status=403, variant="refused"),
    Page("admin.mailbox"),
    Page("admin.mail", find=_mail),
    Page("admin.job", _EDITOR, _job),
)  # fmt: skip
BY_NAME = {page.name: page for page in PAGES}
