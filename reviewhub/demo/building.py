"""Building the demo: everybody and everything in it, and the months behind it.

The past is replayed with the operations that people use and a clock that is set, so that every
state has its history. Mails of the past are marked as sent; the latest few are left to be sent,
so that the mailbox page has something to show.
"""

from datetime import datetime

import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.demo import write_logins
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.demo import content, people, shelf
from reviewhub.demo.posts import send_out, settle_mails
from reviewhub.demo.reviewers import Bench
from reviewhub.demo.stories import Author
from reviewhub.demo.timeline import Timeline, every_day
from reviewhub.library import operations as library
from reviewhub.library.queries import due_submissions
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import queries as review_queries
from reviewhub.reviews.models import ReviewRound
from reviewhub.submissions import queries as submissions

FIRST_DAY = -800  # the team is there before everything else


def build(*, now: datetime | None = None, seed: int = 1) -> bool:
    """Make the demo's content as of `now`; the same seed gives the same. Never commits.

    Returns False, and changes nothing, where there is demo content already.
    """
    if is_built():
        return False
    timeline = Timeline(now or clock.now(), seed)
    with clock.set_to(lambda: timeline.day(FIRST_DAY)):
        team = people.hire()
    bench = Bench(timeline)
    _enrol(timeline, team)
    _suggest(timeline, bench)
    timeline.tell(every_day(timeline, -300, _tick))
    timeline.run(after_each=lambda: _fill_panels(bench))
    settle_mails(timeline.now)
    write_logins(people.open_logins(team))
    return True


def is_built() -> bool:
    """Whether there is demo content."""
    return db.session.scalar(sa.select(Person.id).where(Person.is_demo).limit(1)) is not None


def _enrol(timeline: Timeline, team: dict[Role, Person]) -> None:
    manager = team[Role.ROSTER_MANAGER]
    for member in content.roster():
        timeline.tell(people.enrol(member, manager, timeline))
    for applicant in content.applicants():
        timeline.tell(people.consider(applicant, manager, timeline))


def _suggest(timeline: Timeline, bench: Bench) -> None:
    author = Author(timeline, bench)
    known = content.submitters()
    timeline.tell(shelf.stock(timeline))
    for suggestion in content.suggestions():
        submitter = known[suggestion.submitter]
        timeline.tell(author.tell(suggestion, submitter, people.meet(submitter)))


def _fill_panels(bench: Bench) -> None:
    for round_id in review_queries.rounds_to_fill(clock.now()):
        bench.ask(db.session.get_one(ReviewRound, round_id))


def _tick() -> None:
    """What the worker does by itself, once a day."""
    now = clock.now()
    send_out()
    for assignment_id in review_queries.due_assignments(now):
        reviews.tick(review_queries.get(assignment_id))
    for submission_id in review_queries.waiting_on_owner(now):
        reviews.remind_owner(submissions.get(submission_id))
    for submission_id in due_submissions(now):
        library.publish(submissions.get(submission_id), by=SYSTEM)
