"""While a demo is being filled."""

from pathlib import Path

from flask.testing import FlaskClient

from reviewhub.core import filling
from tests.second_app import changed_settings

WORDS = b"still being made"


def test_every_page_of_a_demo_says_that_its_content_is_still_to_come(
    client: FlaskClient, tmp_path: Path
) -> None:
    with changed_settings(demo=True, var=tmp_path):
        assert WORDS not in client.get("/").data
        filling.begin()
        assert WORDS in client.get("/").data
        filling.end()
        filling.end()  # twice is no error
        assert WORDS not in client.get("/").data


def test_a_hub_for_real_work_is_never_being_filled(client: FlaskClient, tmp_path: Path) -> None:
    with changed_settings(demo=False, var=tmp_path):
        filling.begin()
        assert WORDS not in client.get("/").data
