"""Reading the library, apart from searching it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.library.models import Edition, Resource, ResourceTerm
from reviewhub.library.search import LISTED, default_order
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Licence, Submission, SubmissionFile
from reviewhub.submissions.workflow import State

SHOWN = Resource.state == ResourceState.PUBLISHED


@dataclass(frozen=True)
class TopicLine:
    """One line of the contents list: how many resources, and the last to come.

    Of those whose main topic it is, where there are any.
    """

    count: int
    newest: Resource


@dataclass(frozen=True)
class SectionList:
    """The first resources of a section under one topic, and how many there are."""

    count: int
    first: Sequence[Resource]


def by_slug(slug: str) -> Resource:
    """The resource at this address, whatever its state. Raises NoResultFound."""
    return db.session.execute(sa.select(Resource).where(Resource.slug == slug)).scalar_one()


def lock(resource_id: int) -> Resource:
    """The resource, locked until the transaction ends, with its present values."""
    return db.session.execute(
        sa.select(Resource)
        .where(Resource.id == resource_id)
        .with_for_update(of=Resource)
        .execution_options(populate_existing=True)
    ).scalar_one()


def total() -> int:
    """How many resources the library shows."""
    return db.session.scalar(sa.select(sa.func.count(Resource.id)).where(SHOWN)) or 0


def topic_lines(topic_ids: Collection[int]) -> dict[int, TopicLine]:
    """For each topic with resources: their number and the newest, in two statements."""
    filed = (
        sa.select(
            ResourceTerm.term_id,
            ResourceTerm.resource_id,
            sa.func.count().over(partition_by=ResourceTerm.term_id).label("number"),
            sa.func.row_number()
            .over(
                partition_by=ResourceTerm.term_id,
                order_by=[
                    ResourceTerm.is_primary.desc(),
                    Resource.published_at.desc(),
                    Resource.rank_date,
                    Resource.id.desc(),
                ],
            )
            .label("place"),
        )
        .join(Resource, Resource.id == ResourceTerm.resource_id)
        .where(SHOWN, ResourceTerm.term_id.in_(topic_ids))
        .subquery()
    )
    rows = db.session.execute(
        sa.select(filed.c.term_id, filed.c.resource_id, filed.c.number).where(filed.c.place == 1)
    ).all()
    newest = by_ids([row.resource_id for row in rows])
    return {row.term_id: TopicLine(row.number, newest[row.resource_id]) for row in rows}


def section_lists(topic_id: int, *, size: int = 5) -> dict[int, SectionList]:
    """By section: the first resources under a topic in the default order, in two statements."""
    under = sa.exists().where(
        ResourceTerm.resource_id == Resource.id, ResourceTerm.term_id == topic_id
    )
    placed = (
        sa.select(
            Resource.id,
            Resource.section_id,
            sa.func.count().over(partition_by=Resource.section_id).label("number"),
            sa.func.row_number()
            .over(partition_by=Resource.section_id, order_by=default_order([topic_id]))
            .label("place"),
        )
        .where(SHOWN, under)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(placed)
        .where(placed.c.place <= size)
        .order_by(placed.c.section_id, placed.c.place)
    ).all()
    found = by_ids([row.id for row in rows])
    lists: dict[int, list[Resource]] = {}
    for row in rows:
        lists.setdefault(row.section_id, []).append(found[row.id])
    counts = {row.section_id: row.number for row in rows}
    return {key: SectionList(counts[key], first) for key, first in lists.items()}


def related(resource: Resource, *, size: int = 3) -> list[Resource]:
    """Others with the same primary topic, in the default order."""
    primary = next((filed.term_id for filed in resource.filing if filed.is_primary), None)
    if primary is None:
        return []
    same = sa.exists().where(
        ResourceTerm.resource_id == Resource.id,
        ResourceTerm.term_id == primary,
        ResourceTerm.is_primary,
    )
    return list(
        db.session.scalars(
            sa.select(Resource)
            .options(*LISTED)
            .where(SHOWN, same, Resource.id != resource.id)
            .order_by(*default_order())
            .limit(size)
        )
    )


def by_ids(ids: Collection[int]) -> dict[int, Resource]:
    """These resources by id, as lists show them."""
    rows = db.session.scalars(
        sa.select(Resource).options(*LISTED).where(Resource.id.in_(ids)).order_by(Resource.id)
    )
    return {resource.id: resource for resource in rows}


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


def taken_slugs(stem: str) -> set[str]:
    """Slugs in use that begin like this one."""
    return set(db.session.scalars(sa.select(Resource.slug).where(Resource.slug.startswith(stem))))


HANDED_OUT = (Licence.OPEN, Licence.PERMISSION, Licence.PUBLIC_DOMAIN)


def submitter_id(resource: Resource) -> int | None:
    """Who suggested it, if anybody did."""
    if resource.submission_id is None:
        return None
    return db.session.scalar(
        sa.select(Submission.submitter_id).where(Submission.id == resource.submission_id)
    )


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
    return db.session.scalar(
        sa.select(Submission)
        .where(
            Submission.id == submission_id,
            Submission.state == State.APPROVED,
            Submission.publish_at <= moment,
        )
        .with_for_update(of=Submission, skip_locked=True)
        .execution_options(populate_existing=True)
    )
