"""`reviewhub check matching`, as whoever runs the hub types it."""

import pytest
from click.testing import CliRunner

from reviewhub.cli import check as module
from reviewhub.reviews.choices import Choice
from tests.reviews.scene import Scene


@pytest.fixture
def run(app, monkeypatch):
    """Runs the command on the test's own database."""
    monkeypatch.setattr(module, "create_app", lambda: app)
    return lambda *words: CliRunner().invoke(module.check, list(words))


@pytest.mark.lasting
def test_stored_reasons_are_checked_and_what_was_changed_is_named(run, make, db, clock):
    scene = Scene(make, db)
    scene.start()
    db.commit()
    sound = run("matching")
    assert (sound.exit_code, sound.output.split()[0]) == (0, "ok")
    assert "choices looked at: 1" in sound.output
    choice = db.query(Choice).one()
    choice.chosen = [{**one, "points": one["points"] // 2} for one in choice.chosen]
    db.commit()
    broken = run("matching")
    assert broken.exit_code == 1
    assert "BROKEN" in broken.output
    assert "add up to" in broken.output
    assert run().exit_code == 1
