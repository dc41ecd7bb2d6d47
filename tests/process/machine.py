"""The machine: the rules of everybody, begun somewhere on the way, and looked at after each."""

from collections import Counter
from typing import Any, ClassVar

from flask import Flask
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from reviewhub.reviews.workflow import AssignmentState as A
from tests.process.between import Between
from tests.process.editing import Editors
from tests.process.laws import Watch
from tests.process.passing import Circumstances
from tests.process.reviewing import Reviewers
from tests.process.submitting import Submitters
from tests.process.world import Item, World

# Rules of a hub, by the name that a failure shows.
POLICIES: dict[str, dict[str, Any]] = {
    "the default": {},
    "any two, double anonymized, the editor decides": {
        "slots": {"any": 2}, "tie_breakers": 0, "anonymity": "double", "on_include": "ask_editor",
    },
    "nobody screens, an editor publishes": {
        "screening": "none", "on_approval": "wait_for_editor", "on_exclude": "reject",
    },
    "two are asked at once, a second person confirms": {
        "parallel_invitations": 2, "second_sign_off": True, "on_include": "ask_editor",
    },
}  # fmt: skip
# How far an item is at the beginning, and what its panel has said by then.
STAGES: dict[str, list[str] | None] = {
    "to be screened": None,
    "declined": None,
    "asked": None,
    "a review came by mail": None,
    "at work": [],
    "agreed": ["include"] * 3,
    "to be corrected": ["include", "include_corrected", "include"],
    "split": ["include", "do_not_include", "include"],
    "refused": ["do_not_include"] * 3,
}
LAST_LINES = 40  # of the diary


class Process(Submitters, Reviewers, Editors, Between, Circumstances, RuleBasedStateMachine):
    """Anybody does anything, in any order."""

    app: ClassVar[Flask]
    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]] = Counter()
    moves: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.world = World(type(self).app)
        self.watch = Watch(self.world)

    @initialize(
        policy=st.sampled_from(list(POLICIES)),
        stages=st.lists(st.sampled_from(list(STAGES)), max_size=3),
    )
    def begin(self, policy: str, stages: list[str]) -> None:
        """A hub with a policy, and some items on their way."""
        self.world.adopt(POLICIES[policy])
        self.world.say(f"a hub with the policy: {policy}")
        for number, stage in enumerate(stages):
            self.suggest(number % 3, True)
            self.bring(self.world.items[-1], stage)

    def bring(self, item: Item, stage: str) -> None:
        """An item that was just suggested is brought so far."""
        if stage == "declined":
            self.decline_item(0, item)
        elif stage != "to be screened":
            self.screen_item(0, item)
            said = STAGES[stage]
            if said is not None:
                self.panel_says(item, said)
            if stage == "a review came by mail":
                for seat in self.world.seats_in(A.INVITED, item=item)[:1]:
                    self.enter(0, seat, "yes")
                    self.enter(0, seat, "review")

    @invariant()
    def every_rule_holds(self) -> None:
        """Nothing of what was done has broken a rule."""
        broken = self.watch.check()
        type(self).steps += 1
        if broken:
            raise AssertionError("\n".join(broken))

    def teardown(self) -> None:
        """Undo it all, and remember what was done; the diary is shown when this run failed."""
        note("\n".join(["What happened:", *self.world.diary[-LAST_LINES:]]))
        type(self).done.update(self.world.done)
        type(self).moves.update(self.watch.moves)
        self.world.close()
