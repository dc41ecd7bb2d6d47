"""Four editors decide at the same moment, each otherwise: one of them, and the others are told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from reviewhub.accounts.roles import Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews.models import PanelResult, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests import databases
from tests.factories import Factory
from tests.journeys import people, steps
from tests.journeys.browser import PageError
from tests.journeys.stack import Stack

RACES = 150  # on each kind of database
WAYS = {
    "approve": {},
    "reject": {"reason": "outdated"},
    "request_changes": {"wanted": "Please name the edition of the handbook."},
    "consult": {"note": "One more voice would help."},
}
BUTTONS = {
    "approve": "Approve",
    "reject": "Do not include",
    "request_changes": "Send to the submitter",
    "consult": "Ask one more reviewer",
}
ENDS = {
    "approve": {State.APPROVED, State.PUBLISHED},
    "reject": {State.REJECTED},
    "request_changes": {State.CHANGES_REQUESTED},
    "consult": {State.IN_REVIEW},
}
SAYS = {
    "approve": "already decided: approved",
    "reject": "already decided: not included",
    "request_changes": "“changes requested” now",
    "consult": "“in review” now",
}

pytestmark = [pytest.mark.slow, pytest.mark.soak]


def _seed():
    """Editors, and items whose panel is split."""
    editors = [
        people.staff(f"editor{n}@office{n}.example", f"Editor {n}", Role.EDITOR) for n in range(4)
    ]
    make = Factory(db.session)
    policy = adopt_policy(catalogue().policy)
    items = []
    for _race in range(RACES):
        item = make.submission(state=State.REVIEWED)
        item.progress.editor_id = item.progress.owner_id = editors[0].id
        db.session.add(
            ReviewRound(
                submission_id=item.id,
                number=1,
                policy=policy,
                closed_at=clock.now(),
                result=PanelResult.SPLIT,
            )
        )
        items.append((item.id, item.ref))
    return editors, items


def _decide(browser, ref, verb, together):
    """Open the page, wait for the others, press the button: "" or what the refusal says."""
    browser.get(f"/submissions/{ref}/{verb}")
    together.wait(timeout=60)
    try:
        browser.press(BUTTONS[verb], **WAYS[verb])
    except PageError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_four_contradictory_decisions_one_stands(kind, tmp_path):
    policy = {"mail_hold_minutes": 15}
    with (
        databases.of_kind(kind, tmp_path) as url,
        Stack(tmp_path, policy=policy, database_url="" if kind == "sqlite" else url) as stack,
        ThreadPoolExecutor(len(WAYS)) as pool,
    ):
        editors, items = stack.seed(_seed)
        browsers = [steps.sign_in(stack, editor) for editor in editors]
        winners = []
        for _id, ref in items:
            together = Barrier(len(WAYS))
            answers = dict(
                zip(
                    WAYS,
                    pool.map(
                        lambda pair, ref=ref, together=together: _decide(
                            pair[0], ref, pair[1], together
                        ),
                        zip(browsers, WAYS, strict=True),
                    ),
                    strict=True,
                )
            )
            won = [verb for verb, refused in answers.items() if not refused]
            assert len(won) == 1, answers
            for refused in filter(None, answers.values()):
                assert refused.startswith("409"), refused
                assert SAYS[won[0]] in refused, (won, refused)
            winners.append(won[0])
        _check(stack, items, winners)


def _check(stack, items, winners):
    """Each item is where its one winner brought it, with one decision and one line of history."""
    with stack.session() as session:
        states = dict(session.execute(sa.select(Submission.id, Submission.state)).all())
        decisions = list(session.scalars(sa.select(Decision)))
        moves = session.execute(
            sa.select(AuditEvent.object_id, sa.func.count())
            .where(AuditEvent.object_type == "submissions", AuditEvent.verb.in_(WAYS))
            .group_by(AuditEvent.object_id)
        ).all()
    assert all(states[id] in ENDS[won] for (id, _ref), won in zip(items, winners, strict=True))
    kinds = {DecisionKind.APPROVED: "approve", DecisionKind.REJECTED: "reject"}
    decided = sorted((one.submission_id, kinds[one.kind]) for one in decisions)
    expected = [
        (id, won) for (id, _ref), won in zip(items, winners, strict=True) if won in kinds.values()
    ]
    assert decided == sorted(expected)
    assert {count for _id, count in moves} == {1}
    assert len(moves) == len(items)
