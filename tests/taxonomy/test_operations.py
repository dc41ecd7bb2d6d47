"""Loading a hub: whole, again, changed, and another one with no change of code."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.models import Hub, Term
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests.taxonomy.conftest import Edit


def stored(code: str) -> Term:
    return db.session.scalars(sa.select(Term).where(Term.code == code)).one()


def test_a_hub_is_loaded_whole(health: Path) -> None:
    report = load(health)
    assert (report.slug, report.version, report.changed) == ("health", 1, True)
    assert (report.added, report.updated, report.deprecated, report.unchanged) == (13, 0, 0, 0)
    assert stored("PRT").parent_code == "north"
    assert stored("prevention").label == "Prevenção"


def test_loading_does_not_commit(health: Path) -> None:
    load(health)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Term)) == 0


def test_loading_again_changes_nothing() -> None:
    load(hub_folder("migration"))
    db.session.commit()
    before = db.session.execute(sa.select(Hub.version, Hub.stamp)).one()
    report = load(hub_folder("migration"))
    assert (report.changed, report.added, report.updated, report.deprecated) == (False, 0, 0, 0)
    assert report.unchanged == 259
    assert db.session.execute(sa.select(Hub.version, Hub.stamp)).one() == before


def test_a_changed_label_makes_a_new_version(health: Path, edit: Edit) -> None:
    load(health)
    edit("topics", lambda topics: topics[2]["labels"].update(en="Palliative care"))
    report = load(health)
    assert (report.version, report.changed, report.updated) == (2, True, 1)
    assert stored("palliative").labels["en"] == "Palliative care"


def test_a_changed_policy_makes_a_new_version(health: Path, edit: Edit) -> None:
    load(health)
    edit("policy", lambda policy: policy.update(review_days=30))
    report = load(health)
    assert (report.version, report.changed, report.updated) == (2, True, 0)
    assert catalogue().policy["review_days"] == 30


def test_a_term_that_left_the_data_is_deprecated_and_keeps_its_id(health: Path, edit: Edit) -> None:
    load(health)
    id = stored("palliative").id
    edit("topics", lambda topics: topics.pop())
    report = load(health)
    assert (report.version, report.deprecated) == (2, 1)
    assert stored("palliative").deprecated
    assert [term.code for term in catalogue().vocabulary("topics")] == ["prevention", "treatment"]
    assert catalogue().term(id).label("pt").text == "Cuidados paliativos"


def test_a_term_is_deprecated_once(health: Path, edit: Edit) -> None:
    load(health)
    edit("topics", lambda topics: topics.pop())
    load(health)
    report = load(health)
    assert (report.version, report.changed, report.deprecated) == (2, False, 0)


def test_a_term_that_comes_back_is_the_same_one(health: Path, edit: Edit) -> None:
    load(health)
    id = stored("palliative").id
    kept: list[object] = []
    edit("topics", lambda topics: kept.append(topics.pop()))
    load(health)
    edit("topics", lambda topics: topics.extend(kept))
    report = load(health)
    assert (report.version, report.added, report.updated) == (3, 0, 1)
    assert (stored("palliative").id, stored("palliative").deprecated) == (id, False)


def test_a_mistake_stores_nothing(health: Path, edit: Edit) -> None:
    edit("policy", lambda policy: policy.pop("slots"))
    with pytest.raises(InvalidInput):
        load(health)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Term)) == 0


def test_another_hub_brings_its_own_words_with_no_change_of_code(health: Path) -> None:
    load(health)
    hub = catalogue()
    assert (hub.name, hub.topic_slug, hub.theme_slug) == (
        "Open Care Library",
        "themes-of-care",
        "values",
    )
    assert str(hub.topic_label("en", plural=True)) == "themes of care"
    assert str(hub.internal_label("pt")) == "da rede"
    assert hub.policy["slots"] == {"internal": 0, "external": 2}
    assert (len(hub.vocabulary("topics")), len(hub.vocabulary("regions"))) == (3, 2)
    assert (len(hub.vocabulary("countries")), len(hub.vocabulary("languages"))) == (2, 2)
    assert hub.footnotes == ()


def test_a_hub_that_takes_over_deprecates_the_terms_of_the_one_before(health: Path) -> None:
    load(hub_folder("migration"))
    report = load(health)
    assert (report.slug, report.version) == ("health", 2)
    assert {term.code for term in catalogue().vocabulary("countries")} == {"PRT", "AGO"}
    assert catalogue().find("topics", "14") is not None
