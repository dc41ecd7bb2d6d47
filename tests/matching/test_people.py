"""Values that make no sense are refused with a message that names them."""

import pytest

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.people import Item

from .makers import candidate, item


@pytest.mark.parametrize("name", ["capacity", "load", "open_items"])
def test_a_negative_count_is_refused(name: str) -> None:
    with pytest.raises(MatchingError, match=f"candidate 4: {name} is negative"):
        candidate(4, **{name: -1})


@pytest.mark.parametrize("level", [0, 4, -1])
def test_a_level_that_does_not_exist_is_refused(level: int) -> None:
    with pytest.raises(MatchingError, match="housing has no level"):
        candidate(4, topics={"housing": level})


def test_an_item_that_names_a_topic_twice_is_refused() -> None:
    with pytest.raises(MatchingError, match="topic is given twice"):
        item(topics=("housing", "housing"))


def test_leaving_out_what_conflicts_are_read_from_is_an_error() -> None:
    with pytest.raises(TypeError, match="submitter_organisation_id"):
        Item(id=1, submitter_id=None, submitter_email="", state_country=None)  # type: ignore[call-arg]


def test_a_familiar_topic_is_known_but_not_covered() -> None:
    person = candidate(1, topics={"housing": 1, "health": 2})
    assert not person.covers("housing")
    assert person.covers("health")
    assert not person.covers("trade")
