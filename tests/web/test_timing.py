"""Who is told where the time of an answer went."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from tests.factories import Factory
from tests.second_app import second_app

SAYS = re.compile(r'db;dur=[\d.]+;desc="(\d+) queries", template;dur=([\d.]+), total;dur=([\d.]+)')


def test_an_administrator_is_told(sign_in: Callable[[Person], FlaskClient], make: Factory) -> None:
    told = sign_in(make.staff(Role.ADMIN)).get("/").headers["Server-Timing"]
    found = SAYS.fullmatch(told)
    assert found is not None, told
    queries, template, total = int(found[1]), float(found[2]), float(found[3])
    assert queries > 0
    assert 0 < template < total


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.AUDITOR])
def test_nobody_else_is_told(
    sign_in: Callable[[Person], FlaskClient], make: Factory, client: FlaskClient, role: Role | None
) -> None:
    browser = sign_in(make.staff(role)) if role else client
    for path in ("/", "/healthz", "/static/css/base.css"):
        response = browser.get(path)
        assert "Server-Timing" not in response.headers
        response.close()


@pytest.mark.lasting
def test_whoever_measures_can_have_it_told_to_anybody(tmp_path: Path) -> None:
    with second_app(tmp_path / "var", server_timing=True) as app:
        assert SAYS.fullmatch(app.test_client().get("/").headers["Server-Timing"])
