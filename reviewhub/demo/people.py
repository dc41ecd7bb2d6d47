"""The demo's people: staff with logins, submitters, and a roster that applied and was approved."""

from datetime import timedelta

from reviewhub.accounts import operations as accounts
from reviewhub.accounts.actor import NOBODY, Actor
from reviewhub.accounts.demo import DemoLogin
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.demo.content import Applicant, Member, Submitter
from reviewhub.demo.timeline import Story, Timeline
from reviewhub.roster.answers import Answers, Profile
from reviewhub.roster.introductions import Introduction
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import absences, applications, introductions, memberships
from reviewhub.roster.queries import membership_of

TEAM = "Hub team"
EXPERIENCED = 16  # years
PASSWORD = "open the demo door"  # noqa: S105  # public on purpose: demo mode shows it to everybody
STAFF = (
    (Role.EDITOR, "Amal Karimi-Holt", "editor@hub.example"),
    (Role.EDITOR, "Jonas Wetherby", "editor.two@hub.example"),
    (Role.ROSTER_MANAGER, "Rosalind Achieng", "roster@hub.example"),
    (Role.ADMIN, "Teodor Varga-Lin", "admin@hub.example"),
    (Role.AUDITOR, "Mele Vainikolo", "auditor@hub.example"),
)
# These two have logins as well; the content gives each of them something to do.
SUBMITTER_LOGIN = "katrin.oberhuber@associationofsmalltowns.example"
REVIEWER_LOGIN = "ines.valcourt@harbourpolicyworkshop.example"


def hire() -> dict[Role, Person]:
    """The team, each with an account; the first of each role by role."""
    team: dict[Role, Person] = {}
    for role, name, email in STAFF:
        person = _known(email, name)
        person.organisation_id = accounts.organisation(TEAM, internal=True).id
        accounts.grant(person, role)
        team.setdefault(role, person)
    return team


def open_logins(team: dict[Role, Person]) -> list[DemoLogin]:
    """A password for one person of each role."""
    people = {role.value: team[role] for role in (Role.EDITOR, Role.ROSTER_MANAGER)}
    people |= {
        Role.SUBMITTER.value: accounts.know(SUBMITTER_LOGIN),
        Role.REVIEWER.value: accounts.know(REVIEWER_LOGIN),
    }
    people |= {role.value: team[role] for role in (Role.ADMIN, Role.AUDITOR)}
    first = team[Role.EDITOR]
    accounts.set_password(first, PASSWORD)
    for person in people.values():  # hashing is slow on purpose; one public password needs it once
        person.password_hash = first.password_hash
    return [
        DemoLogin(role=role, name=person.name, email=person.email, password=PASSWORD)
        for role, person in people.items()
    ]


def meet(submitter: Submitter) -> Person:
    """A submitter whose address is confirmed; what they say of themselves comes with the form."""
    return _known(submitter.email, submitter.name, submitter.locale)


def enrol(member: Member, manager: Person, timeline: Timeline) -> Story:
    """Apply, confirm, be approved, fill in the profile; then pauses and endings as they come."""
    yield timeline.day(member.joined)
    person = accounts.know(member.email)
    person.is_demo = True
    application = applications.apply(_answers(member), email=member.email, by=NOBODY, locale="en")
    yield clock.now() + timedelta(hours=3)
    himself = Actor(person_id=person.id)
    applications.confirm(application, by=himself)
    yield clock.now() + timedelta(days=6, hours=2)
    membership = applications.approve(application, by=_as(manager))
    yield clock.now() + timedelta(days=1)
    memberships.edit(membership, _profile(member), by=himself)
    introductions.introduce(membership, _introduction(member, membership), by=himself)
    yield from _later(member, himself, manager, timeline)


def _later(member: Member, himself: Actor, manager: Person, timeline: Timeline) -> Story:
    if member.pause is not None:
        first, last = member.pause
        yield timeline.day(first)
        membership = membership_of(himself.person_id or 0)
        assert membership is not None  # enrolled before
        absences.pause(membership, by=himself, first=clock.today(), last=timeline.day(last).date())
        absences.move_pause(membership)
    if member.ended is not None:
        yield timeline.day(member.ended)
        membership = membership_of(himself.person_id or 0)
        assert membership is not None
        memberships.end(membership, by=himself)


def consider(applicant: Applicant, manager: Person, timeline: Timeline) -> Story:
    """An application up to its ending."""
    yield timeline.day(-applicant.age)
    application = applications.apply(
        _answers(applicant), email=applicant.email, by=NOBODY, locale="en"
    )
    person = accounts.know(applicant.email)
    person.is_demo = True
    if applicant.ending == "draft":
        return
    yield clock.now() + timedelta(minutes=50)
    himself = Actor(person_id=person.id)
    applications.confirm(application, by=himself)
    yield clock.now() + timedelta(days=2, hours=4)
    _end(applicant, application, himself, manager)


def _end(applicant: Applicant, application: Application, himself: Actor, manager: Person) -> None:
    today = clock.today()
    if applicant.ending == "more_information":
        applications.ask(
            application,
            by=_as(manager),
            question="Could you name one review or evaluation that you have written?",
            until=today + timedelta(days=21),
        )
    elif applicant.ending == "declined":
        applications.decline(
            application,
            by=_as(manager),
            reason="not_enough_experience",
            note="Two more years in the field would make a difference. Please come back then.",
            may_reapply_on=today + timedelta(days=180),
        )
    elif applicant.ending == "withdrawn":
        applications.withdraw(application, by=himself)


def _answers(who: Member | Applicant) -> Answers:
    names = ", ".join(sorted(who.topics))
    return Answers(
        name=who.name,
        organisation_name=who.organisation,
        internal=who.internal,
        country=who.country,
        languages=tuple(who.languages),
        topics=who.topics,
        years_experience=who.years,
        statement=(
            f"{who.years} years of work on these questions at {who.organisation}, in the field "
            f"and at the desk. I would like to read what others suggest on topics {names}."
        ),
        competing_interests="None that I know of; I shall say so when one arises.",
        capacity=getattr(who, "capacity", 4),
    )


def _profile(member: Member) -> Profile:
    return Profile(
        languages=tuple(member.languages),
        topics=member.topics,
        regions=tuple(member.regions),
        themes=tuple(member.themes),
        backgrounds=(member.background,),
        capacity=member.capacity,
        competing_interests="None that I know of; I shall say so when one arises.",
    )


def _introduction(member: Member, membership: Membership) -> Introduction:
    """Who has been in the field for long agrees to be listed among the hub's experts."""
    return Introduction(
        languages_written=tuple(member.languages[:1]),
        sector=membership.sector,
        orcid="",
        statement=membership.statement,
        list_publicly=member.years >= EXPERIENCED,
    )


def _known(email: str, name: str, locale: str = "en") -> Person:
    person = accounts.know(email, name=name, locale=locale)
    person.is_demo = True
    accounts.confirm(person)
    return person


def _as(person: Person) -> Actor:
    return Actor(person_id=person.id, roles=person.roles)
