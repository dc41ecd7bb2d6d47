"""Celery as the application sets it up."""

from datetime import timedelta

import pytest
from flask import Flask, current_app

from reviewhub.core.celery import celery_of
from reviewhub.schedule import BEAT


def test_a_task_runs_inside_the_application(app: Flask) -> None:
    celery = celery_of(app)

    @celery.task(name="tests.where")
    def where() -> str:
        return current_app.name

    try:
        assert where() == app.name
    finally:
        celery.tasks.unregister("tests.where")


@pytest.mark.parametrize("name", BEAT)
def test_every_periodic_task_exists_and_expires_before_the_next(app: Flask, name: str) -> None:
    celery = celery_of(app)
    assert name in celery.tasks
    entry = celery.conf.beat_schedule[name]
    assert entry["schedule"].run_every == timedelta(seconds=BEAT[name])
    assert entry["options"]["expires"] >= BEAT[name]


def test_only_json_travels_and_no_result_is_kept(app: Flask) -> None:
    conf = celery_of(app).conf
    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result is True
    assert conf.worker_prefetch_multiplier == 1
