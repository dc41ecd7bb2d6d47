"""Two hundred panels at once: each assignment says why, and it holds, as do loads and rules."""

import random
from collections import Counter

import pytest

from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.matching.verifying import contradictions
from reviewhub.reviews import tasks, verified
from reviewhub.reviews.batches import BatchStage
from reviewhub.reviews.choices import Choice, record_of
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations import adopt_policy, confirm_batch, start_batch
from reviewhub.reviews.tuning import Tuning
from reviewhub.taxonomy.queries import catalogue
from tests.reviews.scene import Scene

pytestmark = pytest.mark.soak

ITEMS, PEOPLE = 200, 150
TOPICS = [str(number) for number in range(1, 24)]


def test_every_assignment_of_two_hundred_panels_says_why_and_it_holds(make, db, clock):
    chance = random.Random(7)
    scene = Scene(make, db, internal=0, external=0)
    adopt_policy({**catalogue().policy, "open_items_cap": 12, "weights": {"topic": 1.0, "load": 1.0,
                  "language": 0.3, "background": 0.0}})  # fmt: skip
    houses = [make.organisation(internal=n < 15) for n in range(60)]
    for number in range(PEOPLE):
        home = houses[number % 60]
        make.member(
            person=make.person(organisation=home),
            internal=home.internal,
            topics={chance.choice(TOPICS): chance.choice([2, 3]) for _one in range(4)},
            languages=["en"] if chance.random() < 0.8 else ["en", "fr"],
            capacity=12,
        )
    items = [scene.suggest(topics=chance.sample(TOPICS, 2)) for _one in range(ITEMS)]
    batch = start_batch([one.id for one in items], Tuning(), mode="total", by=scene.by_editor)
    db.commit()
    tasks.assign()
    db.refresh(batch)
    assert not batch.plan["alone"]
    assert batch.plan["total"] >= 0.9999 * batch.plan["bound"] > 0
    confirm_batch(batch, seen=batch.plan["digest"], by=scene.by_editor)
    db.commit()
    tasks.assign()
    db.expire_all()
    assert batch.stage is BatchStage.APPLIED
    asked = db.query(Assignment).all()
    choices = {one.id: one for one in db.query(Choice)}
    assert len(choices) == ITEMS
    for one in asked:
        assert contradictions(record_of(choices[one.choice_id])) == ()
        assert one.reasons["parts"]
        assert one.reasons["rank"] <= one.reasons["eligible"]
    assert list(verified.faults()) == []
    assert max(Counter(one.person_id for one in asked).values()) <= 12
    assert len(asked) >= 3 * ITEMS - sum(bool(o["shortages"]) for o in batch.plan["outlooks"]) * 3
    assert [one.says for one in INVARIANTS if broken(one)] == []
