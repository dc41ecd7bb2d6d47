"""The scene that every verb plays in."""

import pytest

from tests.reviews.scene import Scene


@pytest.fixture
def scene(make, db, clock):
    """A submission with more members than its panel needs."""
    return Scene(make, db)
