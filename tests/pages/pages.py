"""Every page of the application, each with somebody who may see it, on the demo's content.

A new GET route needs an entry in PAGES, or in NOT_PAGES with what it is instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import current_app, url_for

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import WrongState
from reviewhub.demo.people import REVIEWER_LOGIN, STAFF, SUBMITTER_LOGIN
from reviewhub.jobs import operations as jobs
from reviewhub.jobs.models import Job
from reviewhub.library import link_checks, practice
from reviewhub.library.link_checks import LinkCheck, Verdict
from reviewhub.library.models import Origin, Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications import mailbox
from reviewhub.reviews import receipts
from reviewhub.reviews.models import Assignment, Recommendation
from reviewhub.reviews.operations import plan_batch, raise_question, start_batch
from reviewhub.reviews.operations.receipts import issue as issue_receipt
from reviewhub.reviews.signing import SignOff, open_sign_off
from reviewhub.reviews.tuning import UNTUNED
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.assessments import Assessment, Mark, Vote, own
from reviewhub.roster.criteria import criteria
from reviewhub.roster.imports import template
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import imports, invitations
from reviewhub.roster.publications import Publication
from reviewhub.roster.queries.experts import publications_of
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions import queries
from reviewhub.submissions.messages import last_question
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.operations import ask
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.spreadsheets import csv_lines
from tests.factories import UNUSABLE, Factory

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
    "reviews.due_date": "a download",
    "reviews.receipt_file": "a download",
    "library.file": "a download",
    "library.dead_links_file": "a download",
    "admin.queue_file": "a download",
    "admin.history_file": "a download",
    "admin.outbox_file": "a download",
    "roster.cv": "a download",
    "reviews.load_file": "a download",
    "coverage.file": "a download",
    "roster.import_template": "a download",
    "roster.refused_rows": "a download",
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


def _email_of(role: Role) -> str:
    return next(email for one, _name, email in STAFF if one is role)


def _given(**values: Any) -> Found:
    return values, None


def _submission(state: State) -> Found:
    """The newest submission in the state, of somebody who is known."""
    query = sa.select(Submission).where(
        Submission.state == state, Submission.submitter_id.is_not(None)
    )
    found = db.session.scalars(query.order_by(Submission.id.desc())).first()
    if found is None:  # the demo tells no story of it
        found = Factory(db.session).submission(state=state)
        db.session.commit()
    return {"ref": found.ref}, found.submitter_id


def asked() -> Found:
    """The newest submission that waits for an editor, with a question to its submitter."""
    values, owner = _submission(State.SUBMITTED)
    submission = queries.by_ref(values["ref"])
    if last_question(submission.id) is None:
        editor = db.session.scalars(sa.select(Person).where(Person.email == STAFF[0][2])).one()
        by = Actor(person_id=editor.id, roles=frozenset({Role.EDITOR}))
        ask(submission, by=by, text="Is there a newer edition, and may we link to it?")
        db.session.commit()
    return values, owner


def _two_people() -> Found:
    """Two accounts that have something; the address of a page about one leaves the other out."""
    members = sa.select(Membership.person_id).order_by(Membership.id).limit(1)
    senders = sa.select(Submission.submitter_id).where(Submission.submitter_id.is_not(None))
    kept = db.session.scalars(members).one()
    other = db.session.scalars(senders.order_by(Submission.id).limit(1)).one()
    return {"person_id": kept, "other_id": other}, None


def list_of_people() -> Found:
    """A list that was checked: one row can be used, and one can't be read."""
    known = db.session.scalars(sa.select(Job).where(Job.kind == imports.KIND)).first()
    if known is not None:
        return {"job_id": known.id}, None
    content, by = _people(), _roster_manager()
    job = imports.put_down("people.csv", content, by=by, locale="en")
    found = imports.check(content, "people.csv", by=by, locale="en")
    jobs.finish(job.id, **imports.report(found))
    db.session.commit()
    return {"job_id": job.id}, None


def invited() -> Found:
    """The page of somebody whom a list names."""
    _total, _refused, batches = imports.batches(_people(), "people.csv")
    invitations.invite(next(batches), by=_roster_manager(), locale="en")
    found = db.session.scalars(sa.select(Invitation)).one()
    person = accounts.get(found.person_id)
    person.confirmed_at, person.password_hash = clock.now(), UNUSABLE
    db.session.commit()
    return {"invitation_id": found.id}, person.id


def _people() -> bytes:
    header, example = template()
    wrong = ["no address", *example[1:]]
    return "".join(csv_lines(header, [example, wrong])).encode()


def _roster_manager() -> Actor:
    [manager] = accounts.with_role(Role.ROSTER_MANAGER)
    return Actor(person_id=manager.id, roles=manager.roles)


def _selection(verb: str) -> Found:
    """Some that can be screened, and one that can't be any more."""
    waiting = sa.select(Submission.ref).where(Submission.state == State.SUBMITTED)
    refs = db.session.scalars(waiting.order_by(Submission.id).limit(3)).all()
    decided, _owner = _submission(State.PUBLISHED)
    return _given(verb=verb, item=[*refs, decided["ref"]])


def _planned(*, waits: bool = False) -> Found:
    """Panels that the editor of the demo had planned for some that wait for screening."""
    waiting = sa.select(Submission.id).where(Submission.state == State.SUBMITTED)
    ids = db.session.scalars(waiting.order_by(Submission.id).limit(3)).all()
    editor = db.session.scalars(sa.select(Person).where(Person.email == STAFF[0][2])).one()
    by = Actor(person_id=editor.id, roles=frozenset({Role.EDITOR}))
    batch = start_batch(ids, UNTUNED, mode="total", by=by)
    if not waits:
        plan_batch(batch.id, lambda steps: None)
    db.session.commit()
    return _given(batch_id=batch.id)


def _decidable(verb: str) -> Found:
    """Every reviewed item: those whose panel says the same, and those to be looked at alone."""
    reviewed = sa.select(Submission.ref).where(Submission.state == State.REVIEWED)
    refs = db.session.scalars(reviewed.order_by(Submission.id).limit(6)).all()
    return _given(verb=verb, item=list(refs))


def _signing() -> Found:
    """The oldest reviewed item, with a decision that waits for the editor of the demo."""
    query = sa.select(Submission).where(Submission.state == State.REVIEWED)
    found = db.session.scalars(query.order_by(Submission.id)).first()
    assert found is not None
    sign_off = open_sign_off(found.id)
    if sign_off is None:
        second = db.session.scalars(sa.select(Person).where(Person.email == STAFF[0][2])).one()
        said = db.session.scalars(sa.select(Decision.text).where(Decision.text != "")).first()
        first = Factory(db.session).editor(
            second.name, locale=second.locale,
            email="second.editor@hub.example", organisation_id=second.organisation_id,
        )  # fmt: skip
        sign_off = SignOff(
            submission_id=found.id, kind=DecisionKind.REJECTED, reason="outdated", text=said,
            proposed_by_id=first.id, second_id=second.id,
            due_at=clock.now() + timedelta(days=7),
        )  # fmt: skip
        db.session.add(sign_off)
        db.session.commit()
    return {"ref": found.ref}, sign_off.proposed_by_id


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


def _conflict_found() -> Found:
    """A reviewer at work who has changed employer."""
    values, _person_id = _assignment(A.ACCEPTED)
    seat = db.session.get_one(Assignment, values["assignment_id"])
    seat.conflict_found, seat.conflict_found_at = "organisation", clock.now()
    db.session.commit()
    return values, None


def _arrived() -> Found:
    """A review that has come while the panel is still open."""
    found = db.session.scalars(
        sa.select(Assignment)
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(Assignment.state == A.SUBMITTED, Submission.state == State.IN_REVIEW)
        .order_by(Assignment.id.desc())
    ).first()
    assert found is not None
    return {"assignment_id": found.id}, None


def _raised() -> Found:
    """A reviewer's question that waits for an editor."""
    values, person_id = _assignment(A.ACCEPTED)
    seat = db.session.get_one(Assignment, values["assignment_id"])
    item = queries.get(seat.submission_id)  # whose own words are data, and no text of ours
    found = raise_question(seat, by=Actor(person_id=person_id), text=item.why_useful)
    db.session.commit()
    return {"question_id": found.id}, person_id


def _application(*states: ApplicationState) -> Found:
    found = db.session.scalars(
        sa.select(Application).where(Application.state.in_(states)).order_by(Application.id.desc())
    ).first()
    assert found is not None, states
    return {"ref": found.ref}, found.person_id


def _assessed() -> Found:
    """A submitted application on which two managers disagree, the one of the demo among them."""
    values, _person_id = _application(ApplicationState.SUBMITTED)
    application = db.session.scalars(
        sa.select(Application).where(Application.ref == values["ref"])
    ).one()
    managers = sa.select(Person).where(Person.email == _email_of(Role.ROSTER_MANAGER))
    one = db.session.scalars(managers).one()
    if own(application.id, one.id) is None:
        said = {criterion.code: Mark.PARTLY for criterion in criteria()}
        other = Factory(db.session).staff(
            Role.ROSTER_MANAGER, name=one.name, locale=one.locale,
            email="second.manager@hub.example", organisation_id=one.organisation_id,
        )  # fmt: skip
        for person, vote in ((one, Vote.APPROVE), (other, Vote.DECLINE)):
            note = application.statement  # whose own words are data, and no text of ours
            db.session.add(
                Assessment(
                    application_id=application.id, person_id=person.id, vote=vote, note=note,
                    marks=said,
                )
            )  # fmt: skip
        db.session.commit()
    return values, None


def _called() -> Found:
    """A call for experts, as its address is passed on."""
    topics = [term.code for term in catalogue().vocabulary("topics")[:2]]
    return _given(topic=topics, language=["en", "fr"], country="KEN")


def _practising(*, sent: bool = False) -> Found:
    """The review for practice of a member, begun or sent; one member for each."""
    members = sa.select(Membership).where(Membership.state == MembershipState.ACTIVE)
    found = db.session.scalars(members.order_by(Membership.id.desc()).limit(40)).all()
    begun = {one.person_id: practice.of_person(one.person_id) for one in found}
    for one in found:
        said = begun[one.person_id]
        if said is not None and (said.sent_at is not None) == sent:
            return {}, one.person_id
    for one in found:
        try:
            made = practice.begin(one) if begun[one.person_id] is None else None
        except WrongState:  # nothing in a language of theirs
            continue
        if made is not None:
            if sent:
                made.recommendation, made.sent_at = Recommendation.INCLUDE, clock.now()
            db.session.commit()
            return {}, one.person_id
    raise AssertionError("nobody of the demo can practise")


def _membership(state: MembershipState = MembershipState.ACTIVE) -> Found:
    found = db.session.scalars(
        sa.select(Membership).where(Membership.state == state).order_by(Membership.id)
    ).first()
    assert found is not None, state
    return {"membership_id": found.id}, found.person_id


def _published_member() -> Found:
    """A member whose profile names a work: one of the shelf, whose words are data."""
    values, person_id = _membership()
    shelved = db.session.scalars(sa.select(Resource).order_by(Resource.id)).first()
    assert shelved is not None
    if not publications_of(values["membership_id"]):
        work = Publication(
            membership_id=values["membership_id"], key="shown", title=shelved.title[:500],
            year=2019, doi="10.1234/shown",
        )  # fmt: skip
        db.session.add(work)
        db.session.commit()
    return values, person_id


def _listed() -> Found:
    """The list of experts with somebody in it."""
    values, _person_id = _published_member()
    db.session.get_one(Membership, values["membership_id"]).list_publicly = True
    db.session.commit()
    return {}, None


def _receipt() -> Found:
    """The receipt of a review that has come."""
    values, person_id = _assignment(A.SUBMITTED)
    seat = db.session.get_one(Assignment, values["assignment_id"])
    made = issue_receipt(seat, by=Actor(person_id=person_id))
    db.session.commit()
    return {"receipt_code": receipts.code(made)}, person_id


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


def _long_listed() -> Found:
    """A resource of the shelf whose date for another look has come."""
    listed = sa.select(Resource).where(Resource.state == ResourceState.PUBLISHED)
    resource = db.session.scalars(listed.order_by(Resource.id.desc()).limit(1)).one()
    resource.review_by = clock.today()
    db.session.commit()
    return {}, None


def _dead_link() -> Found:
    """A link of the shelf that has led nowhere for days."""
    if not db.session.scalar(sa.select(link_checks.number_of_dead())):
        listed = sa.select(Resource).where(Resource.state == ResourceState.PUBLISHED)
        resource = db.session.scalars(listed.order_by(Resource.id).limit(1)).one()
        now = clock.now()
        check = LinkCheck(
            resource_id=resource.id, url="https://gone.example/", host="gone.example",
            next_at=now, verdict=Verdict.GONE, status=404, failures=2, checked_at=now,
            failing_since=now, is_dead=True,
        )  # fmt: skip
        db.session.add(check)
        db.session.commit()
    return {}, None


def _job() -> Found:
    imports = sa.select(Job.id).where(Job.kind == "import").order_by(Job.id)
    return {"job_id": db.session.scalars(imports.limit(1)).one()}, None


def _mail() -> Found:
    newest = mailbox.recent(config.current().var / "mailbox", 1)
    return {"mail_id": newest[0].id}, None


def _by_mail() -> Found:
    """The link in the mail of somebody who chooses a password."""
    person = db.session.scalars(sa.select(Person).where(Person.email == SUBMITTER_LOGIN)).one()
    link = links.ensure(Capability.ACCOUNT, person.id, person_id=person.id)
    db.session.commit()
    return {"key": links.token(link)}, None


def _unreachable() -> Found:
    """Somebody whom mail does not reach."""
    somebody = sa.select(Person).where(Person.is_demo, Person.name != "")
    person = db.session.scalars(somebody.order_by(Person.id.desc())).first()
    assert person is not None
    person.bouncing_since = clock.now()
    db.session.commit()
    return {"person_id": person.id}, None


def _stopping() -> Found:
    """The link in the head of a mail that can wait."""
    person = db.session.scalars(sa.select(Person).where(Person.email == REVIEWER_LOGIN)).one()
    link = links.ensure(Capability.MAIL, person.id, person_id=person.id)
    db.session.commit()
    return {"kind": "outcomes", "key": links.token(link)}, None


def _published(*states: ResourceState) -> Callable[[], Found]:
    return partial(_resource, Resource.state.in_(states))


_EDITOR, _MANAGER = Role.EDITOR.value, Role.ROSTER_MANAGER.value
_WAITING = (ApplicationState.SUBMITTED, ApplicationState.MORE_INFORMATION)
_LISTED = _published(ResourceState.PUBLISHED)
_DECLINED = partial(_refused, at_screening=True)
_REJECTED = partial(_refused, at_screening=False)


def _of(state: State) -> Callable[[], Found]:
    return partial(_submission, state)


def _detailed() -> Found:
    values, owner = _submission(State.DRAFT)
    return {**values, "detail": 1}, owner


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
    Page("library.dead_links", _EDITOR),
    Page("library.dead_links", _EDITOR, _dead_link, variant="some"),
    Page("library.second_looks", _EDITOR),
    Page("library.second_looks", _EDITOR, _long_listed, variant="some"),
    Page("library.correct", _EDITOR, _LISTED),
    Page("library.remove", _EDITOR, _LISTED),
    Page("library.restore", _EDITOR, _published(ResourceState.ARCHIVED)),
    Page("library.publish", _EDITOR, _of(State.APPROVED)),
    Page("accounts.sign_in"),
    Page("accounts.register"),
    Page("accounts.reset"),
    Page("accounts.look_in_mail"),
    Page("accounts.arrive", find=partial(_given, name="nowhere"), status=404),
    Page("accounts.connect", status=410),
    Page("accounts.choose_password", find=_by_mail),
    Page("accounts.notices", Role.SUBMITTER.value),
    Page("accounts.account", Role.SUBMITTER.value),
    Page("accounts.change_password", Role.SUBMITTER.value),
    Page("accounts.mail_choices", Role.SUBMITTER.value),
    Page("accounts.mail_choices", Role.EDITOR.value, variant="staff"),
    Page("accounts.stop_mails", find=_stopping),
    Page("people.own_data", Role.SUBMITTER.value),
    Page("people.plan_erasure", Role.SUBMITTER.value),
    Page("people.plan_erasure", _EDITOR, variant="busy"),
    Page("people.index", Role.ADMIN.value),
    Page("people.index", Role.ADMIN.value, partial(_given, q="qqxyzzy"), variant="nothing"),
    Page("people.person", Role.ADMIN.value, _two_people),
    Page("people.merge", Role.ADMIN.value, _two_people),
    Page("people.erase", Role.ADMIN.value, _two_people),
    Page("accounts.correct_address", Role.ADMIN.value, _unreachable),
    Page("accounts.totp", Role.SUBMITTER.value),
    Page("accounts.enter_code", Role.SUBMITTER.value, half_way=True),
    Page("submissions.suggest"),
    Page("submissions.suggest", Role.SUBMITTER.value, variant="signed-in"),
    Page("submissions.resume", OWNER, _of(State.DRAFT)),
    Page("submissions.resume", OWNER, _detailed, variant="with-detail"),
    Page("submissions.attach", OWNER, _of(State.DRAFT)),
    Page("submissions.sent", OWNER, _of(State.DRAFT)),
    Page("submissions.confirm", OWNER, _of(State.DRAFT)),
    Page("submissions.index", Role.SUBMITTER.value),
    *(page for state in State for page in _shown(state)),
    Page("submissions.revise", OWNER, _of(State.CHANGES_REQUESTED)),
    Page("submissions.ask", _EDITOR, _of(State.SUBMITTED)),
    Page("submissions.answer", OWNER, asked),
    Page("submissions.record_answer", _EDITOR, asked),
    Page("submissions.show", OWNER, asked, variant="asked"),
    Page("submissions.decline", _EDITOR, _of(State.SUBMITTED)),
    Page("submissions.refile", _EDITOR, _of(State.SUBMITTED)),
    Page("submissions.rescreen", _EDITOR, _DECLINED),
    Page("submissions.revive", _EDITOR, _of(State.WITHDRAWN)),
    Page("submissions.record_for", _EDITOR),
    Page("reviews.policies", _EDITOR),
    Page("reviews.change_policy", _EDITOR),
    Page("reviews.start_review", _EDITOR, _of(State.SUBMITTED)),
    Page("reviews.panel", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.reasons", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.people", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.people", _EDITOR, _of(State.SUBMITTED), variant="before"),
    Page("reviews.what_if", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.what_if", _EDITOR, _of(State.SUBMITTED), variant="before"),
    Page("reviews.let_go", _EDITOR, lambda: _assignment(A.INVITED)),
    Page("reviews.give_time", _EDITOR, lambda: _assignment(A.ACCEPTED)),
    Page("reviews.keep", _EDITOR, _conflict_found),
    Page("reviews.record_for", _EDITOR, lambda: _assignment(A.INVITED), variant="answer"),
    Page("reviews.record_for", _EDITOR, lambda: _assignment(A.ACCEPTED), variant="review"),
    Page("reviews.raise_question", OWNER, _at(A.ACCEPTED)),
    Page("reviews.disown", OWNER, _at(A.ACCEPTED)),
    Page("reviews.forward_question", _EDITOR, _raised),
    Page("reviews.reply_to_question", _EDITOR, _raised),
    Page("reviews.ask_again", _EDITOR, lambda: _assignment(A.DECLINED, A.EXPIRED)),
    Page("reviews.return_", _EDITOR, _arrived),
    Page("reviews.finish_review", _EDITOR, _of(State.IN_REVIEW)),
    Page("reviews.consult", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.request_changes", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.approve", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.reject", _EDITOR, _of(State.REVIEWED)),
    Page("reviews.reopen", _EDITOR, _REJECTED),
    Page("reviews.confirm_decision", _EDITOR, _signing),
    Page("reviews.send_back", _EDITOR, _signing),
    Page("reviews.take_back", OWNER, _signing),
    Page("admin.item", _EDITOR, _signing, variant="signing"),
    Page("reviews.withdraw", OWNER, _of(State.SUBMITTED)),
    Page("reviews.appeal", OWNER, _REJECTED),
    Page("reviews.index", Role.REVIEWER.value),
    Page("reviews.record", OWNER, _at(A.SUBMITTED)),
    Page("reviews.record", Role.SUBMITTER.value, variant="nothing"),
    Page("reviews.verify"),
    Page("reviews.verify", find=partial(_given, code="nothing-like-it"), variant="wrong"),
    Page("reviews.receipt", OWNER, _receipt),
    Page("reviews.receipt", find=partial(_given, receipt_code="no-such"), status=404,
         variant="missing"),
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
    Page("roster.assess", _MANAGER, partial(_application, *_WAITING)),
    Page("roster.show", _MANAGER, _assessed, variant="assessed"),
    Page("roster.apply", find=_called, variant="called"),
    Page("library.practice", OWNER, _me),
    Page("library.practice", OWNER, _practising, variant="writing"),
    Page("library.practice", OWNER, partial(_practising, sent=True), variant="compared"),
    Page("roster.approve", _MANAGER, partial(_application, *_WAITING)),
    Page("roster.decline", _MANAGER, partial(_application, *_WAITING)),
    Page("roster.me", OWNER, _me),
    Page("roster.me", Role.SUBMITTER.value, variant="no-member"),
    Page("roster.members", _MANAGER),
    Page("coverage.show", _MANAGER),
    Page("roster.import_list", _MANAGER),
    Page("roster.imported", _MANAGER, list_of_people),
    Page("roster.accept_invitation", OWNER, invited),
    Page("roster.member", _MANAGER, _membership),
    Page("roster.edit", OWNER, _membership),
    Page("roster.pause", OWNER, _membership),
    Page("roster.experts"),
    Page("roster.experts", find=_listed, variant="some"),
    Page("roster.introduce", OWNER, _membership),
    Page("roster.introduce", _MANAGER, _membership, variant="manager"),
    Page("roster.publications", OWNER, _published_member),
    Page("reviews.load", OWNER, _membership),
    Page("reviews.load", _MANAGER, _membership, variant="desk"),
    Page("roster.end", OWNER, _membership),
    Page("admin.queue", _EDITOR),
    Page("admin.screening", _EDITOR, partial(_selection, "start_review")),
    Page("admin.screening", _EDITOR, partial(_selection, "decline"), variant="decline"),
    Page("assigning.choose", _EDITOR, partial(_selection, "start_review")),
    Page("assigning.show", _EDITOR, _planned),
    Page("assigning.show", _EDITOR, partial(_planned, waits=True), variant="waits"),
    Page("admin.deciding", _EDITOR, partial(_decidable, "approve")),
    Page("admin.deciding", _EDITOR, partial(_decidable, "reject"), variant="reject"),
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
