"""Everybody who can stand in front of ReviewHub, in one scene around one submission.

Each principal is a browser: signed in, with the key of a mailed link, or with neither. The scene is
made for one state of the submission, with the rows and dates that this state demands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from reviewhub.accounts import links
from reviewhub.accounts.actor import SYSTEM, Capability
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.workflow import Move
from reviewhub.library import operations as library
from reviewhub.reviews.models import Assignment, Recommendation, Review, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.attachments import attach
from reviewhub.submissions.models import Decision, DecisionKind, Licence, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.factories import Factory

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

REVIEWERS = {
    "invited": AssignmentState.INVITED,
    "accepted": AssignmentState.ACCEPTED,
    "sent": AssignmentState.SUBMITTED,
    "declined": AssignmentState.DECLINED,
    "recused": AssignmentState.RECUSED,
}
STAFF = {
    "handling_editor": Role.EDITOR,
    "other_editor": Role.EDITOR,
    "submitting_editor": Role.EDITOR,
    "reviewing_editor": Role.EDITOR,
    "conflicted_editor": Role.EDITOR,
    "roster_manager": Role.ROSTER_MANAGER,
    "admin": Role.ADMIN,
    "auditor": Role.AUDITOR,
}
OTHERS = ("registered", "applicant", "idle_member", "suspended")
PRINCIPALS = (
    "anonymous", *OTHERS, "submitter", "submitter_by_link", "applicant_by_link", "other_link",
    *(name + how for name in REVIEWERS for how in ("", "_by_link")), *STAFF,
)  # fmt: skip
DECIDED = {
    State.APPROVED: DecisionKind.APPROVED,
    State.PUBLISHED: DecisionKind.APPROVED,
    State.REJECTED: DecisionKind.REJECTED,
}
# What the test of hidden fields replaces by tokens.
Words = Callable[[str], str]


def plain(kind: str) -> str:
    """The text of a hidden field, where nobody looks for it."""
    return f"words{''.join(part for part in kind.casefold() if part.isalnum())}"


@dataclass
class Item:
    """One submission with its panel, and the page addresses that are about it."""

    submission: Submission
    seats: dict[str, Assignment] = field(default_factory=dict)
    file_id: int = 0
    slug: str = ""


class House:
    """The scene: `person[name]`, `item`, the editor's own `twin`, and a browser per principal."""

    def __init__(self, make: Factory, state: State, words: Words = plain) -> None:
        self.make, self.words, self.state = make, words, state
        self.person: dict[str, Person] = {}
        self._people()
        self.policy_id = adopt_policy({**catalogue().policy}).id
        self.application = self._apply("applicant")
        self.membership = make.member(
            person=self.person["idle_member"], statement=words("statement of the member"),
            competing_interests=words("interests of the member"),
        )  # fmt: skip
        self.item = self._item(self.person["submitter"], "")
        self.twin = self._item(self.person["submitting_editor"], " of the twin")
        self.other = make.submission(state=State.SUBMITTED)
        conflict = DeclaredConflict(
            person_id=self.person["conflicted_editor"].id,
            other_person_id=self.person["submitter"].id,
            reason=words("reason of the conflict"),
        )
        make._add(conflict)

    def item_of(self, principal: str) -> Item:
        """What this principal looks at: the editor who suggests looks at their own."""
        return self.twin if principal == "submitting_editor" else self.item

    def seat_of(self, principal: str) -> Assignment:
        """Their own seat, or, for who has none, that of the reviewer who accepted."""
        name = principal.removesuffix("_by_link")
        name = "reviewing_editor" if principal == "reviewing_editor" else name
        seats = self.item_of(principal).seats
        return seats.get(name, seats["accepted"])

    def browser(
        self, principal: str, client: Callable[[], FlaskClient], sign_in: Callable[..., FlaskClient]
    ) -> tuple[FlaskClient, dict[str, str]]:
        """A browser, and what it adds to every address."""
        key = self._key(principal)
        if principal == "anonymous" or key:
            return client(), {"key": key} if key else {}
        return sign_in(self.person[principal]), {}

    def _key(self, principal: str) -> str:
        name = principal.removesuffix("_by_link")
        if principal == "other_link":
            about, capability, who = self.other.id, Capability.SUBMISSION, self.other.submitter_id
        elif name == principal:
            return ""
        elif name == "submitter":
            about, capability = self.item.submission.id, Capability.SUBMISSION
            who = self.person[name].id
        elif name == "applicant":
            about, capability = self.application.id, Capability.APPLICATION
            who = self.person[name].id
        else:
            about, capability = self.item.seats[name].id, Capability.ASSIGNMENT
            who = self.person[name].id
        return links.token(links.ensure(capability, about, person_id=who))

    def _people(self) -> None:
        for name in (*OTHERS, "submitter", "reserve", *REVIEWERS):
            self._known(name)
        for name, role in STAFF.items():
            home = self.make.organisation(self.words(f"organisation of {name}"))
            self.person[name] = self.make.staff(
                role, name=self.words(f"name of {name}"), email=self._address(name),
                organisation_id=home.id, country="KEN",
            )  # fmt: skip
        self.person["suspended"].suspended_at = clock.now()
        self.make.session.flush()

    def _known(self, name: str) -> None:
        home = self.make.organisation(self.words(f"organisation of {name}"))
        self.person[name] = self.make.person(
            self.words(f"name of {name}"), email=self._address(name), organisation_id=home.id,
            country="KEN",
        )  # fmt: skip

    def _address(self, name: str) -> str:
        return f"{self.words(f'email of {name}')}@mail.example"

    def _apply(self, name: str) -> Application:
        now = clock.now()
        return self.make._add(  # type: ignore[no-any-return]  # any row
            Application(
                ref="RA-2026-900001", state=ApplicationState.SUBMITTED,
                person_id=self.person[name].id, name=self.words("name in the application"),
                organisation_name=self.words("organisation in the application"), internal=False,
                country="KEN", languages=["en"], topics={"14": 3}, years_experience=8,
                statement=self.words("statement of the applicant"),
                competing_interests=self.words("interests of the applicant"), consented_at=now,
                submitted_at=now, due_at=now + timedelta(days=30),
                cv=applications.keep_cv("cv.pdf", PDF),
            )
        )  # fmt: skip

    def _item(self, submitter: Person, which: str) -> Item:
        state = State.APPROVED if self.state is State.PUBLISHED else self.state
        values: dict[str, Any] = {"licence": Licence.OPEN}  # so that its file is handed out
        if state is State.REJECTED:
            values["reviewed_at"] = clock.now()
        if state is State.CHANGES_REQUESTED:
            values["changes_wanted"] = self.words(f"changes wanted{which}")
        submission = self.make.submission(
            state=state, submitter_id=submitter.id, title=self.words(f"title{which}"),
            why_useful=self.words(f"why useful{which}"), publisher=self.words(f"publisher{which}"),
            **values,
        )  # fmt: skip
        submission.progress.editor_id = self.person["handling_editor"].id
        submission.progress.owner_id = self.person["handling_editor"].id
        submission.progress.due_at = clock.now() + timedelta(days=7)
        if state not in {State.DRAFT, State.SUBMITTED}:
            submission.progress.reviews_expected, submission.progress.reviews_received = 3, 2
        item = Item(submission, file_id=attach(submission, "report.pdf", PDF).id)
        self._history(submission, which)
        self._panel(item, which)
        self._decide(submission, which)
        if self.state is State.PUBLISHED:
            item.slug = library.publish(submission, by=SYSTEM).slug
        self.make.session.flush()
        return item

    def _history(self, submission: Submission, which: str) -> None:
        if submission.state is State.WITHDRAWN:
            move = Move("withdraw", State.SUBMITTED, State.WITHDRAWN, Role.SUBMITTER)
            record(submission, move, actor_id=submission.submitter_id)
        elif submission.state is not State.DRAFT:
            editor = self.person["handling_editor"].id
            record(submission, "consult", actor_id=editor, role="editor",
                   note=self.words(f"internal note{which}"))  # fmt: skip

    def _panel(self, item: Item, which: str) -> None:
        submission, now = item.submission, clock.now()
        for name in ("reserve", *REVIEWERS, "reviewing_editor") if which else ():
            self._known(name + which)
        reserve = [{"person_id": self.person["reserve" + which].id, "rank": 9, "why": "next"}]
        is_open = self.state is State.IN_REVIEW
        current = self.make._add(
            ReviewRound(
                submission_id=submission.id, number=1, policy_id=self.policy_id,
                closed_at=None if is_open else now,
                closed_early="" if is_open else self.words(f"why closed early{which}"),
                standing={"alternates": {"external": reserve}, "excluded": [], "shortages": []},
            )
        )  # fmt: skip
        seated = {**REVIEWERS, "reviewing_editor": AssignmentState.SUBMITTED}
        for name, state in seated.items():
            item.seats[name] = self._seat(current, name, state, which)

    def _seat(
        self, current: ReviewRound, name: str, state: AssignmentState, which: str
    ) -> Assignment:
        now = clock.now()
        begun = state in {AssignmentState.ACCEPTED, AssignmentState.SUBMITTED}
        is_declined = state is AssignmentState.DECLINED
        seat = Assignment(
            round_id=current.id, submission_id=current.submission_id,
            person_id=self.person[name + which].id, slot=Slot.EXTERNAL, internal=False, state=state,
            invited_at=now, answer_by=now + timedelta(days=3),
            conflict_denied_at=now if begun else None,
            due_at=now + timedelta(days=14) if begun else None,
            submitted_at=now if state is AssignmentState.SUBMITTED else None,
            decline_reason="no_time" if is_declined else "",
            decline_note=self.words(f"decline note{which}") if is_declined else "",
        )  # fmt: skip
        self.make._add(seat)
        if begun:
            self._review(seat, name, which)
        record(seat, "accept" if begun else "invite", actor_id=seat.person_id, role="reviewer")
        return seat

    def _review(self, seat: Assignment, name: str, which: str) -> None:
        is_sent = seat.state is AssignmentState.SUBMITTED
        to_editor = self.words(f"comment to the editor by {name}{which}")
        to_submitter = self.words(f"comment to the submitter by {name}{which}")
        draft = {"comment_to_editor": to_editor, "comment_to_submitter": to_submitter}
        self.make._add(
            Review(
                assignment_id=seat.id, draft=draft,
                gates={"in_scope": "yes"} if is_sent else {},
                scores={"relevance": 2} if is_sent else {},
                recommendation=Recommendation.INCLUDE if is_sent else None,
                comment_to_submitter=to_submitter if is_sent else "",
                comment_to_editor=to_editor if is_sent else "",
                submitted_at=clock.now() if is_sent else None,
            )
        )  # fmt: skip

    def _decide(self, submission: Submission, which: str) -> None:
        kind = DECIDED.get(self.state)
        if kind is None:
            return
        self.make._add(
            Decision(
                submission_id=submission.id, kind=kind,
                reason="out_of_scope" if kind is DecisionKind.REJECTED else "",
                text=self.words(f"text of the decision{which}"),
                decided_by_id=self.person["handling_editor"].id,
            )
        )  # fmt: skip
