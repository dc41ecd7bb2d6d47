"""A hub's calendar: data that is checked with a sentence, and counts working days."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reviewhub.core.errors import InvalidInput
from reviewhub.core.workdays import Workdays
from reviewhub.taxonomy.calendars import CALENDAR, workdays_of
from reviewhub.taxonomy.loader import hub_folder, read_hub
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests.taxonomy.conftest import Edit


def write(folder: Path, text: str) -> None:
    (folder / CALENDAR).write_text(text, encoding="utf-8")


def test_a_hub_without_a_calendar_works_from_monday_to_friday(health: Path) -> None:
    assert "calendar" not in read_hub(health).settings
    assert workdays_of({}, time_zone="UTC") == Workdays(zone=ZoneInfo("UTC"))
    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    assert workdays_of({}, time_zone="UTC").after(friday, 1).date() == date(2026, 3, 9)


def test_the_built_in_hub_has_a_calendar_to_change() -> None:
    calendar = read_hub(hub_folder("migration")).settings["calendar"]
    assert calendar == {"working_days": ["mon", "tue", "wed", "thu", "fri"], "holidays": []}


def test_a_calendar_of_the_folder_counts(health: Path) -> None:
    write(
        health,
        '{"working_days": ["sun", "mon", "tue", "wed", "thu"], "holidays": ["12-25"],'
        ' "time_zone": "Asia/Amman"}',
    )
    load(health)
    workdays = catalogue().workdays
    assert not workdays.is_worked(date(2026, 3, 6))
    assert workdays.is_worked(date(2026, 3, 8))
    assert not workdays.is_worked(date(2028, 12, 25))
    assert str(workdays.zone) == "Asia/Amman"


def test_a_changed_calendar_is_a_new_version_of_the_hub(health: Path) -> None:
    load(health)
    write(health, '{"holidays": ["2026-12-24"]}')
    assert load(health).changed
    assert not load(health).changed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"working_days": []}', r"“working_days”: at least one day is needed, out of mon, tue"),
        ('{"working_days": ["monday"]}', r"“working_days”: at least one day is needed"),
        ('{"working_days": "mon"}', r"“working_days”: at least one day"),
        ('{"holidays": "12-25"}', r"“holidays”: a list of dates is needed here"),
        ('{"holidays": ["2026-13-01"]}', r"“2026-13-01” is no date: write 2026-12-25, or 12-25"),
        ('{"holidays": ["02-30"]}', r"“02-30” is no date"),
        ('{"holidays": ["2026-02-29"]}', r"“2026-02-29” is no date"),
        ('{"holidays": [20261225]}', r"“20261225” is no date"),
        (
            '{"time_zone": "Mars/Olympus"}',
            r"“Mars/Olympus” is no time zone, such as Africa/Nairobi",
        ),
        ('{"time_zone": 3}', r"“3” is no time zone"),
        ('{"holydays": []}', r"“holydays”: only working_days, holidays, time_zone can stand here"),
        ("[]", r"calendar\.json must hold an object"),
        ("{", r"calendar\.json, line 1"),
    ],
)
def test_a_wrong_calendar_is_refused_with_a_sentence(
    health: Path, text: str, sentence: str
) -> None:
    write(health, text)
    with pytest.raises(InvalidInput, match=sentence) as caught:
        read_hub(health)
    assert caught.value.field == CALENDAR


def test_the_29th_of_february_can_be_a_holiday_of_every_year(health: Path) -> None:
    write(health, '{"holidays": ["02-29"]}')
    assert read_hub(health).settings["calendar"]["holidays"] == ["02-29"]


def test_so_many_holidays_that_no_day_is_left_are_refused(health: Path) -> None:
    days = [f"{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    write(health, str({"holidays": days}).replace("'", '"'))
    with pytest.raises(InvalidInput, match="at most 100 dates of every year and 1000 in all"):
        read_hub(health)


@pytest.mark.parametrize("number", [0, 6, -1, "2"])
def test_an_invitation_goes_to_one_to_five_people(number: Any, health: Path, edit: Edit) -> None:
    edit("policy", lambda policy: policy.update(parallel_invitations=number))
    with pytest.raises(InvalidInput, match=r"“parallel_invitations”: a number from"):
        read_hub(health)
