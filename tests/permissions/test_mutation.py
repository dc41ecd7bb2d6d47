"""A rule of access that is wrong for anybody is noticed by the tests of this folder.

Prints what it found as JSON: `pytest -m soak tests/permissions/test_mutation.py`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask

from reviewhub.submissions.workflow import State
from tests.accounts.test_mails import (
    test_without_an_account_the_link_is_enough as opens_with_link,
)
from tests.permissions.mutation import Probe, Report, try_gates, try_rules
from tests.reviews.test_receipts import (
    test_without_an_account_the_link_opens_the_record as record_opens_with_link,
)

pytestmark = pytest.mark.soak

# Nobody of the scene holds a link to their mails, or has reviewed without an account, so the table
# can't tell these from right ones; the tests named here open the page with a link and no account.
NOTICED_ELSEWHERE = {
    "accounts.mail_choices open to signed_in": opens_with_link,
    "reviews.certify open to signed_in": record_opens_with_link,
    "reviews.record open to signed_in": record_opens_with_link,
}

Probes = Callable[[State], AbstractContextManager[Probe]]


@pytest.fixture
def probes(app: Flask, db: Any, clock: Any, make: Any, sign_in: Any) -> Probes:
    """A scene in one state, taken back afterwards."""

    @contextmanager
    def _probes(state: State) -> Iterator[Probe]:
        point = db.get_bind().begin_nested()
        try:
            yield Probe(app, db, make, sign_in, state)
        finally:
            db.rollback()
            point.rollback()
            db.expunge_all()

    return _probes


def say(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures, whether or not output is shown."""
    with capsys.disabled():
        print("\n" + json.dumps(report.as_json(), ensure_ascii=False, indent=1))


def test_every_gate_that_is_wrong_is_noticed(app: Flask, probes: Probes, capsys: Any) -> None:
    report = try_gates(app, probes)
    say(report, capsys)
    assert report.cases > 200
    assert sorted(report.survivors) == sorted(NOTICED_ELSEWHERE), "\n".join(report.survivors)


def test_every_policy_that_is_wrong_is_noticed(probes: Probes, capsys: Any) -> None:
    report = try_rules(probes)
    say(report, capsys)
    assert report.cases > 100
    assert not report.survivors, "\n".join(report.survivors)
