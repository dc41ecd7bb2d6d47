"""Rules learned from the bug trackers of comparable systems, and the tests that hold us to them.

Where a rule is tested beside the code that keeps it, the table names the test; the rest is here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.reviews import operations
from reviewhub.reviews.workflow import AssignmentState as A
from tests.reviews.scene import Scene

TESTS = Path(__file__).parents[1]
HERE = "journeys/test_peers_rules.py"

RULES = {
    "An overdue reminder goes out also when no earlier reminder was configured.": {
        "reviews/operations/test_clocks.py": (
            "test_a_review_is_recalled_as_the_policy_says_and_once_overdue_in_any_case",
        ),
    },
    "A declined reviewer does not become first choice again, and can be asked again by hand.": {
        "reviews/operations/test_panels.py": (
            "test_nobody_who_declined_is_asked_again_in_the_round",
        ),
        "reviews/operations/test_seats.py": (
            "test_somebody_who_declined_is_asked_again_by_hand",
            "test_nobody_is_asked_again_against_what_they_declared_since",
        ),
    },
    "A review form loses nothing to an expired session or token; errors stand at their field.": {
        "reviews/views/test_writing.py": (
            "test_after_an_expired_session_the_text_is_handed_back_and_saved_after_signing_in",
            "test_with_an_expired_token_the_page_comes_back_with_the_text_and_a_new_one",
            "test_a_closed_link_hands_back_the_text_and_the_new_one_takes_it",
        ),
        "reviews/operations/test_writing.py": (
            "test_a_draft_review_survives_a_refused_submit",
            "test_a_review_without_a_required_answer_is_refused_beside_the_question",
        ),
    },
    "Of two editors who decide at once one wins; the other gets 409 and sees the decision.": {
        "journeys/test_journey.py": (
            "test_of_two_editors_who_decide_at_once_the_second_sees_the_firsts_decision",
        ),
        "journeys/test_races.py": ("test_of_four_contradictory_decisions_one_stands",),
    },
    "Every transition checks the state that it starts from.": {
        "submissions/test_workflow.py": ("test_a_verb_works_where_it_should_and_nowhere_else",),
        "reviews/test_workflow.py": ("test_a_verb_works_where_it_should_and_nowhere_else",),
        "roster/test_workflow.py": ("test_each_cell_moves_or_refuses_as_written",),
    },
    "Reviewers' identity leaves through no search, count, order, file, header, time or program.": {
        "journeys/test_journey.py": ("test_the_submitter_never_learns_who_the_reviewers_are",),
        "permissions/test_canary.py": ("test_no_token_is_shown_without_a_right",),
        "permissions/test_interference.py": ("test_what_is_hidden_changes_no_byte",),
        "permissions/test_mails.py": ("test_the_submitter_is_told_no_reviewer_and_no_comment",),
        "web/test_timing.py": ("test_nobody_else_is_told",),
    },
    "A link in a mail works the second time, stops when it is cancelled, and is no session.": {
        HERE: (
            "test_a_link_works_the_second_time",
            "test_a_link_stops_working_when_the_reviewer_is_called_off",
            "test_a_link_is_no_account_session",
        ),
    },
    "Following a link changes nothing: scanners of mails do.": {
        "journeys/test_scanner.py": ("test_every_link_of_every_mail_changes_nothing",),
        "journeys/test_journey.py": ("test_a_scanner_that_follows_every_link_changes_nothing",),
    },
}


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_its_tests(rule: str) -> None:
    for file, names in RULES[rule].items():
        assert set(names) <= names_in(file), f"{rule} {file}"


@pytest.fixture
def scene(make, db, clock):
    """A panel that has been asked."""
    scene = Scene(make, db)
    scene.start()
    db.commit()
    return scene


@pytest.fixture
def seat(scene):
    """Somebody who was asked."""
    return scene.round.assignments[0]


@pytest.fixture
def link(seat):
    """The address in the invitation."""
    row = links.ensure(Capability.ASSIGNMENT, seat.id, person_id=seat.person_id)
    return f"/assignments/{seat.id}?key={links.token(row)}"


@pytest.mark.lasting
def test_a_link_works_the_second_time(client, scene, seat, link):
    for _time in range(2):
        assert "I can, and I have no conflict" in client.get(link).text
    path, _, key = link.partition("?")
    assert client.post(f"{path}/accept?{key}").status_code == 302
    scene.db.refresh(seat)
    assert seat.state is A.ACCEPTED
    for _time in range(2):
        assert "Send the review" in client.get(link).text


def test_a_link_stops_working_when_the_reviewer_is_called_off(client, scene, seat, link):
    operations.let_go(seat, by=scene.by_editor, note="She is on leave.")
    scene.db.commit()
    page = client.get(link).text
    assert "I can, and I have no conflict" not in page
    path, _, key = link.partition("?")
    assert client.post(f"{path}/accept?{key}").status_code in {403, 409, 410}
    scene.db.refresh(seat)
    assert seat.state is A.CANCELLED


def test_a_link_is_no_account_session(client, scene, seat, link):
    assert client.get(link).status_code == 200
    for page in ("/account", "/notices", "/desk"):
        answer = client.get(page)
        assert answer.status_code in {302, 401, 403, 404}, page
        assert "/sign-in" in answer.headers.get("Location", "/sign-in"), page
    other = scene.round.assignments[1]
    assert client.get(f"/assignments/{other.id}").status_code in {302, 403, 404}
