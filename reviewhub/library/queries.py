"""Reading the library, apart from searching it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.accounts.models import Person
from reviewhub.core.db import db, locked
from reviewhub.library.index.loading import up_to_date
from reviewhub.library.listing import Listed, listed
from reviewhub.library.models import Edition, Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews.models import Assignment
from reviewhub.submissions.models import Licence, Progress, Submission, SubmissionFile
from reviewhub.submissions.workflow import State


@dataclass(frozen=True)
class TopicLine:
    """One line of the contents list: how many resources, and the last to come.

    Of those whose main topic it is, where there are any.
    """

    count: int
    newest: Listed


@dataclass(frozen=True)
class SectionList:
    """The first resources of a section under one topic, and how many there are."""

    count: int
    first: Sequence[Listed]


def by_slug(slug: str) -> Resource:
    """The resource at this address, whatever its state. Raises NoResultFound."""
    return db.session.execute(sa.select(Resource).where(Resource.slug == slug)).scalar_one()


def lock(resource_id: int) -> Resource:
    """The resource, locked until the transaction ends, with its present values."""
    return locked(Resource, resource_id)


def contents(topic_ids: Sequence[int]) -> tuple[int, dict[int, TopicLine]]:
    """How many resources the library shows, and for each topic with resources their number and
    the newest."""
    with up_to_date() as memory:
        total, counts, newest = len(memory.shown), memory.counts(memory.shown, topic_ids), {}
        for topic_id in topic_ids:
            first_of_all = memory.first_of_all(topic_id)
            under = first_of_all or memory.filed_under(topic_id)
            newest[topic_id] = memory.arrivals.first(under, skip=0, size=1)
    found = {one.id: one for one in listed({id for ids in newest.values() for id in ids})}
    return total, {
        topic_id: TopicLine(counts[topic_id], found[ids[0]])
        for topic_id, ids in newest.items()
        if ids
    }


def section_lists(
    topic_id: int, section_ids: Sequence[int], *, size: int = 5
) -> dict[int, SectionList]:
    """By section: the first resources under a topic in the default order, in one statement."""
    counts, ids = {}, {}
    with up_to_date() as memory:
        for section_id in section_ids:
            hits = memory.filed_under(topic_id) & memory.filed_under(section_id)
            counts[section_id] = len(hits)
            ids[section_id] = memory.best([hits], topics=[topic_id], size=size)
    found = {one.id: one for one in listed([id for some in ids.values() for id in some])}
    return {
        section_id: SectionList(counts[section_id], [found[id] for id in some])
        for section_id, some in ids.items()
        if some
    }


def related(resource: Resource, *, size: int = 3) -> list[Listed]:
    """Others with the same primary topic, in the default order."""
    primary = next((filed.term_id for filed in resource.filing if filed.is_primary), None)
    if primary is None:
        return []
    with up_to_date() as memory:
        others = memory.first_of_all(primary) - BitMap([resource.id])
        ids = memory.best([others], size=size)
    return listed(ids)


def existing(external_id: str | None, url_key: str) -> Resource | None:
    """What is already there under this outside number, else under this address."""
    found = None
    if external_id:
        found = db.session.scalar(sa.select(Resource).where(Resource.external_id == external_id))
    return found or at_address(url_key)


def at_address(url_key: str) -> Resource | None:
    """The resource that leads to this address (in its normal form), unless it was removed."""
    if not url_key:
        return None
    return db.session.scalar(
        sa.select(Resource)
        .where(Resource.url_key == url_key, Resource.state != ResourceState.REMOVED)
        .order_by(Resource.id)
        .limit(1)
    )


def taken_slugs(slugs: Sequence[str]) -> set[str]:
    """Which of these are in use."""
    return set(db.session.scalars(sa.select(Resource.slug).where(Resource.slug.in_(slugs))))


HANDED_OUT = (Licence.OPEN, Licence.PERMISSION, Licence.PUBLIC_DOMAIN)


def submitter_id(resource: Resource) -> int | None:
    """Who suggested it, if anybody did."""
    if resource.submission_id is None:
        return None
    return db.session.scalar(
        sa.select(Submission.submitter_id).where(Submission.id == resource.submission_id)
    )


def concerned(resource: Resource) -> list[tuple[Person, str]]:
    """Whom a change to it concerns, each with the part they had: submitter, editor, and every
    reviewer who asked to hear of it."""
    if resource.submission_id is None:
        return []
    about = resource.submission_id
    parts = {
        "submitter": sa.select(Submission.submitter_id).where(Submission.id == about),
        "editor": sa.select(Progress.editor_id).where(Progress.submission_id == about),
        "reviewer": sa.select(Assignment.person_id).where(
            Assignment.submission_id == about, Assignment.follows
        ),
    }
    return [
        (person, part)
        for part, ids in parts.items()
        for person in db.session.scalars(
            sa.select(Person)
            .where(Person.id.in_(ids), Person.suspended_at.is_(None))
            .order_by(Person.id)
        )
    ]


def files(resource: Resource) -> list[SubmissionFile]:
    """The files that came with its submission, where there is a right to hand them out."""
    if resource.submission_id is None:
        return []
    return list(
        db.session.scalars(
            sa.select(SubmissionFile)
            .join(Submission, Submission.id == SubmissionFile.submission_id)
            .where(
                SubmissionFile.submission_id == resource.submission_id,
                Submission.licence.in_(HANDED_OUT),
            )
            .order_by(SubmissionFile.id)
        )
    )


def editions(resource: Resource, *, limit: int = 50) -> list[Edition]:
    """Its corrections, the latest first."""
    return list(
        db.session.scalars(
            sa.select(Edition)
            .where(Edition.resource_id == resource.id)
            .order_by(Edition.edition.desc(), Edition.id.desc())
            .limit(limit)
        )
    )


def due_submissions(moment: datetime, *, limit: int = 100) -> list[int]:
    """Ids of approved submissions whose time to be published has come."""
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .where(Submission.state == State.APPROVED, Submission.publish_at <= moment)
            .order_by(Submission.publish_at, Submission.id)
            .limit(limit)
        )
    )


def lock_due(submission_id: int, moment: datetime) -> Submission | None:
    """The submission, locked, if it is still due and nobody else has it in hand."""
    due = db.session.scalar(
        sa.select(Submission.id)
        .where(
            Submission.id == submission_id,
            Submission.state == State.APPROVED,
            Submission.publish_at <= moment,
        )
        .with_for_update(skip_locked=True)
    )
    return None if due is None else locked(Submission, due)
