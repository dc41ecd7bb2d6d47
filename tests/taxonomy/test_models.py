"""The database refuses what no vocabulary may hold."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from reviewhub.core.db import db
from reviewhub.taxonomy.models import Hub, Term


def term(**changes: Any) -> Term:
    return Term(**{"vocabulary": "topics", "code": "a", "position": 1, "label": "A"} | changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"vocabulary": ""}, "ck_terms_vocabulary_given"),
        ({"code": ""}, "ck_terms_code_given"),
        ({"label": ""}, "ck_terms_label_given"),
        ({"position": 0}, "ck_terms_position_counted"),
    ],
)
def test_a_term_needs_its_vocabulary_code_label_and_position(
    changes: dict[str, Any], constraint: str
) -> None:
    db.session.add(term(**changes))
    with pytest.raises(IntegrityError, match=constraint):
        db.session.flush()


def test_a_code_stands_once_in_its_vocabulary_and_may_stand_in_another() -> None:
    db.session.add_all([term(), term(vocabulary="themes")])
    db.session.flush()
    db.session.add(term(label="Again"))
    with pytest.raises(
        IntegrityError, match=r"uq_terms_vocabulary_code|terms\.vocabulary, terms\.code"
    ):
        db.session.flush()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"id": 2}, "ck_hub_one_row"),
        ({"version": 0}, "ck_hub_version_counted"),
        ({"slug": ""}, "ck_hub_slug_given"),
    ],
)
def test_there_is_one_hub_with_a_slug_and_a_version(
    changes: dict[str, Any], constraint: str
) -> None:
    db.session.add(Hub(**{"slug": "h", "stamp": "s", "data": {}} | changes))
    with pytest.raises(IntegrityError, match=constraint):
        db.session.flush()
