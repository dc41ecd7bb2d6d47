"""Another hub is another folder of data: its pages, forms and mails speak its own words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from reviewhub.core.db import db
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests.second_app import second_app

HEALTH = Path(__file__).parent / "taxonomy" / "hubs" / "health"
PAGES = (
    "/",
    "/library",
    "/suggest",
    "/roster/apply",
    "/how-we-review",
    "/sign-in",
    "/library/by/region",
)


@pytest.fixture(scope="module")
def other_hub(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a database that holds the small health hub."""
    with second_app(tmp_path_factory.mktemp("health")) as other:
        with other.app_context():
            load(HEALTH)
            db.session.commit()
        yield other


@pytest.mark.lasting
@pytest.mark.parametrize("path", PAGES)
def test_a_page_works_with_another_hubs_data(other_hub: Flask, path: str) -> None:
    response = other_hub.test_client().get(path)
    assert response.status_code == 200
    assert "objective" not in response.text.lower()
    assert "Migration" not in response.text


def test_its_topics_stand_under_its_own_word(other_hub: Flask) -> None:
    client = other_hub.test_client()
    with other_hub.app_context():
        slug = catalogue().topic_slug
        codes = [term.code for term in catalogue().vocabulary("topics")]
    assert slug != "objectives"
    assert client.get(f"/{slug}").status_code == 200
    for code in codes:
        page = client.get(f"/{slug}/{code}")
        assert page.status_code == 200
        assert "Migration" not in page.text
    assert client.get("/objectives").status_code == 404
