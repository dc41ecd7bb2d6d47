"""The database is the last guard: each constraint is provoked once."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewhub.core import clock as core_clock
from reviewhub.library.models import Edition, Origin, Resource, ResourceTerm
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.workflow import State
from tests.factories import Factory
from tests.library.shelf import put, term_id


def _without_submission(resource: Resource, make: Factory) -> None:
    resource.origin = Origin.REVIEWED


def _imported_with_submission(resource: Resource, make: Factory) -> None:
    resource.submission_id = make.submission(state=State.PUBLISHED).id


def _removed_without_date(resource: Resource, make: Factory) -> None:
    resource.state, resource.removal_reason = ResourceState.REMOVED, "Gone"


def _removed_without_reason(resource: Resource, make: Factory) -> None:
    resource.state, resource.removed_at = ResourceState.REMOVED, core_clock.now()


@pytest.mark.parametrize(
    ("break_it", "constraint"),
    [
        (_without_submission, "ck_resources_reviewed_has_submission"),
        (_imported_with_submission, "ck_resources_reviewed_has_submission"),
        (_removed_without_date, "ck_resources_removed_has_date"),
        (_removed_without_reason, "ck_resources_removed_has_reason"),
    ],
)
def test_the_database_refuses_a_resource_that_contradicts_itself(
    db: Any, make: Factory, break_it: Callable[[Resource, Factory], None], constraint: str
) -> None:
    resource = put()
    with db.no_autoflush:
        break_it(resource, make)
    _refused(db, constraint)


@pytest.mark.parametrize(
    ("column", "values", "constraint"),
    [
        ("state", "'lost'", "resource_state"),
        ("origin", "'guessed'", "origin"),
        ("scope", "'galactic'", "scope"),
        ("breadth", "'endless'", "breadth"),
    ],
)
def test_the_database_knows_the_words(db: Any, column: str, values: str, constraint: str) -> None:
    resource = put()
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(sa.text(f"UPDATE resources SET {column} = {values} WHERE id = {resource.id}"))


def test_two_resources_have_no_address_in_common(db: Any) -> None:
    first, second = put("One study"), put("Another study")
    second.slug = first.slug
    _refused(db, "uq_resources_slug", "resources.slug")


def test_an_outside_number_stands_once(db: Any) -> None:
    first, second = put("One study"), put("Another study")
    first.external_id = second.external_id = "a:1"
    _refused(db, "uq_resources_external_id", "resources.external_id")


def test_a_submission_becomes_one_resource(db: Any, make: Factory) -> None:
    submission = make.submission(state=State.PUBLISHED)
    for resource in (put("One study"), put("Another study")):
        resource.origin, resource.submission_id = Origin.REVIEWED, submission.id
    _refused(db, "uq_resources_submission_id", "resources.submission_id")


def test_a_resource_has_one_primary_topic(db: Any) -> None:
    resource = put(topics=["14"])
    resource.filing.append(ResourceTerm(term_id=term_id("topics", "20"), is_primary=True))
    _refused(db, "uq_resource_terms_primary", "resource_terms.resource_id")


def test_a_resource_is_filed_under_a_term_once(db: Any) -> None:
    resource = put(topics=["14"])
    values = {"resource_id": resource.id, "term_id": term_id("topics", "14"), "position": 9,
              "is_primary": False}  # fmt: skip
    with pytest.raises(IntegrityError, match=r"pk_resource_terms|resource_terms\.resource_id"):
        db.execute(sa.insert(ResourceTerm).values(**values))


def test_an_edition_has_a_number_of_its_own(db: Any) -> None:
    resource = put()
    db.add_all([Edition(resource_id=resource.id, edition=2) for _ in range(2)])
    _refused(db, "uq_resource_editions_number", "resource_editions.edition")


def test_deleting_a_resource_takes_its_filing_along(db: Any) -> None:
    resource = put()
    resource_id = resource.id
    db.expunge_all()
    db.execute(sa.delete(Resource).where(Resource.id == resource_id))
    left = sa.select(sa.func.count()).where(ResourceTerm.resource_id == resource_id)
    assert db.scalar(left) == 0


def _refused(db: Any, *names: str) -> None:
    with pytest.raises(IntegrityError, match="|".join(names)):
        db.flush()
    db.rollback()
