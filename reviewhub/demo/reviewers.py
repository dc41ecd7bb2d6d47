"""What the demo's reviewers do when they are asked."""

from collections.abc import Iterator
from datetime import datetime
from itertools import cycle
from typing import Any

from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor
from reviewhub.demo.content import sentences
from reviewhub.demo.people import REVIEWER_LOGIN
from reviewhub.demo.timeline import Story, Timeline
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import queries
from reviewhub.reviews.form import questions
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations.drafts import WRITABLE
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.queries import membership_of
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import get
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

_RECOMMENDS = {
    "i": "include",
    "c": "include_corrected",
    "x": "do_not_include",
    "g": "do_not_include",
}
_SCORES = {"i": ("2", "3"), "c": ("2", "2", "3"), "x": ("0", "1"), "g": ("0", "1")}


class Bench:
    """Knows each submission's letters, and acts them out as people are invited."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._letters: dict[int, Iterator[str]] = {}
        self._last: dict[int, str] = {}
        self._embargoes: dict[int, datetime] = {}
        # Held, so that the session does not load them anew at every step.
        self._rounds: dict[int, ReviewRound] = {}
        self._words = {letter: cycle(texts) for letter, texts in sentences().items()}

    def expect(self, submission: Submission, letters: str, embargo: datetime | None) -> None:
        """The people asked for this submission behave like this, one letter each.

        Where the panel approves it, it goes public at `embargo`, if there is one.
        """
        if embargo is not None:
            self._embargoes[submission.id] = embargo
        self._letters[submission.id] = iter(letters)
        self._last[submission.id] = letters[-1]

    def ask(self, current: ReviewRound) -> None:
        """Fill the round, and let those who were invited act."""
        self._rounds[current.id] = current
        before = {one.id for one in current.assignments}
        reviews.fill(current)
        for one in current.assignments:
            if one.id not in before:
                self.timeline.tell(self._act(one.id, self._letter(one)))

    def _letter(self, assignment: Assignment) -> str:
        last = self._last[assignment.submission_id]
        letter = next(self._letters[assignment.submission_id], "n" if last == "n" else "w")
        if last == "z":
            return "d" if self._reads(assignment) else "w"
        is_login = people.get(assignment.person_id).email == REVIEWER_LOGIN
        # Whoever signs in as the reviewer finds a review to write, where one is still open.
        return "w" if is_login and last in "wn" and letter != "n" else letter

    def _reads(self, assignment: Assignment) -> bool:
        membership = membership_of(assignment.person_id)
        submission = get(assignment.submission_id)
        return membership is not None and submission.language in membership.languages

    def _act(self, assignment_id: int, letter: str) -> Story:
        if letter == "n":
            return
        yield self.timeline.after(0.4, 2.2)
        assignment = queries.get(assignment_id)
        himself = Actor(person_id=assignment.person_id)
        if assignment.state is not AssignmentState.INVITED:
            return
        if letter == "d":
            reviews.decline(assignment, by=himself, reason="no_time")
            return
        reviews.accept(assignment, by=himself)
        if letter in "wl":
            return
        yield self.timeline.after(3, 9)
        assignment = queries.get(assignment_id)
        if assignment.state in WRITABLE:
            reviews.submit(assignment, by=himself, answers=self._answers(assignment, letter))
            self._hold_back(get(assignment.submission_id))

    def _hold_back(self, submission: Submission) -> None:
        embargo = self._embargoes.get(submission.id)
        if submission.state is State.APPROVED and embargo is not None:
            submission.publish_at = submission.progress.due_at = embargo

    def _answers(self, assignment: Assignment, letter: str) -> dict[str, Any]:
        asked = questions(catalogue().review_form, get(assignment.submission_id))
        choose = self.timeline.random.choice
        answers = {f"gate_{gate['code']}": "yes" for gate in asked.gates}
        if letter == "g":
            answers[f"gate_{asked.gates[-1]['code']}"] = "no"
        answers |= {
            f"score_{one.code}": choose(_SCORES[letter]) for one in asked.criteria if one.is_open
        }
        return answers | {
            "recommendation": _RECOMMENDS[letter],
            "confidence": choose(("2", "3", "3", "4")),
            "comment_to_submitter": next(self._words[letter]),
            "comment_to_editor": "",
        }
