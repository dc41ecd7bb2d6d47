"""What submitters do, by the links in their mails; and what is entered for them."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from reviewhub.accounts import links
from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.core.db import db
from reviewhub.library import operations as library  # noqa: F401 -- registers its verbs
from reviewhub.reviews import operations as reviews
from reviewhub.submissions import messages, operations
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.models import Relation, Scope, Submission
from reviewhub.submissions.workflow import OPEN, State
from tests.process.world import Item, World

WHICH = st.integers(0, 7)
FEW = 4
LEAVABLE = (
    State.SUBMITTED, State.IN_REVIEW, State.REVIEWED, State.CHANGES_REQUESTED, State.APPROVED,
)  # fmt: skip


def answers(number: int, *, whole: bool = True) -> Answers:
    """The answers of a suggestion; a whole one lacks nothing but what an editor says."""
    more: dict[str, Any] = {
        "section": "documents",
        "document_type": "report",
        "published_on": "2024-05-01",
        "description": "What consular posts can do for nationals abroad, step by step.",
        "scope": Scope.GLOBAL,
        "relation": Relation.NONE,
    }
    return Answers(
        url=f"https://library.example/{number}",
        title=f"A handbook for consular post {number}",
        language="en",
        why_useful="It tells a single officer what to do when papers are missing.",
        topics=("14",),
        publisher="Example Press",
        organisation=f"Embassy {number}",
        country="KEN",
        **(more if whole else {}),
    )


def submission(item: Item) -> Submission:
    """The row, as it is now."""
    return db.session.get_one(Submission, item.id)


def any_in(*states: State) -> Callable[[Any], bool]:
    """Whether any submission is in one of these states."""
    return lambda machine: bool(machine.world.items_in(*states))


def few_at_hand(machine: Any) -> bool:
    """Whether there is little to do: with more than a few items, none gets anywhere."""
    return len(machine.world.items_in(State.DRAFT, *OPEN)) < FEW


class Submitters:
    """Rules of the machine."""

    world: World

    def pick(self, which: int, *states: State) -> Item:
        """One of the submissions in these states."""
        found = self.world.items_in(*states)
        return found[which % len(found)]

    @precondition(few_at_hand)
    @rule(who=st.integers(0, 2), whole=st.booleans())
    def suggest(self, who: int, whole: bool) -> None:
        """Somebody with an account suggests something."""
        person = self.world.submitters[who]
        number = self.world.number()

        def change() -> None:
            by = self.world.signed_in(person)
            row = operations.begin(by=by)
            operations.drafts.fill(row, answers(number, whole=whole), by=by)
            operations.submit(row, by=by)

        self.world.do("suggest", f"{self.world.name(person)} suggests number {number}", change)

    @precondition(few_at_hand)
    @rule(who=st.integers(0, 1))
    def suggest_as_editor(self, who: int) -> None:
        """An editor suggests something."""
        person = self.world.editors[who]
        number = self.world.number()

        def change() -> None:
            by = self.world.signed_in(person)
            row = operations.begin(by=by)
            operations.drafts.fill(row, answers(number), by=by)
            operations.submit(row, by=by)

        self.world.do("suggest own", f"{self.world.name(person)} suggests number {number}", change)

    @precondition(few_at_hand)
    @rule()
    def suggest_as_guest(self) -> None:
        """A guest fills in the form, and is mailed a link."""
        number = self.world.number()

        def change() -> None:
            row = operations.begin(by=NOBODY)
            link = links.ensure(Capability.SUBMISSION, row.id, person_id=None)
            guest = Actor(grant=Grant(link.id, Capability.SUBMISSION, row.id, None))
            operations.drafts.fill(row, answers(number), by=guest)
            email = f"guest{number}@guests{number}.example"
            operations.ask_to_confirm(row, by=guest, email=email, name=f"Guest {number}")

        self.world.do("ask to confirm", f"a guest fills in number {number}", change)

    @precondition(any_in(State.DRAFT))
    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        """The guest presses the button behind the mailed link."""
        item = self.pick(which, State.DRAFT)
        by = self.world.submitter_of(item)
        self.world.do(
            "confirm", f"{item.ref} is confirmed",
            lambda: operations.confirm(submission(item), by=by),
        )  # fmt: skip

    @precondition(any_in(State.CHANGES_REQUESTED))
    @rule(which=WHICH)
    def revise(self, which: int) -> None:
        """The submitter sends the changed version."""
        item = self.pick(which, State.CHANGES_REQUESTED)
        number = self.world.number()
        by = self.world.submitter_of(item)
        self.world.do(
            "revise", f"{item.ref} is revised",
            lambda: operations.revise(
                submission(item), answers(number), by=by, note="The edition is named now."
            ),
        )  # fmt: skip

    @precondition(any_in(*LEAVABLE))
    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        """The submitter takes it back."""
        item = self.pick(which, *LEAVABLE)
        by = self.world.submitter_of(item)
        self.world.do(
            "withdraw", f"{item.ref} ({item.state}) is withdrawn",
            lambda: reviews.withdraw(submission(item), by=by),
        )  # fmt: skip

    @precondition(any_in(State.WITHDRAWN))
    @rule(which=WHICH)
    def revive(self, which: int) -> None:
        """The submitter takes it up again."""
        item = self.pick(which, State.WITHDRAWN)
        by = self.world.submitter_of(item)
        self.world.do(
            "revive", f"{item.ref} is taken up again",
            lambda: operations.revive(submission(item), by=by),
        )  # fmt: skip

    @precondition(any_in(State.REJECTED))
    @rule(which=WHICH)
    def appeal(self, which: int) -> None:
        """The submitter asks for a second look."""
        item = self.pick(which, State.REJECTED)
        by = self.world.submitter_of(item)
        note = "The second edition answers what the reviewers missed in the first."
        self.world.do(
            "appeal", f"{item.ref} is appealed",
            lambda: reviews.appeal(submission(item), by=by, note=note),
        )  # fmt: skip

    @precondition(lambda self: any(map(unanswered, self.world.items_in(*OPEN))))
    @rule(which=WHICH)
    def answer(self, which: int) -> None:
        """The submitter answers an editor's question."""
        found = [one for one in self.world.items_in(*OPEN) if unanswered(one)]
        item = found[which % len(found)]
        by = self.world.submitter_of(item)

        def change() -> None:
            question = unanswered(item)
            assert question is not None
            operations.answer(submission(item), question, by=by, text="It is the second edition.")

        self.world.do("answer", f"{item.ref}: the submitter answers", change)


def unanswered(item: Item) -> messages.Question | None:
    """The newest question, while it has no answer."""
    last = messages.last_question(item.id)
    return last if last is not None and last.answered_at is None else None
