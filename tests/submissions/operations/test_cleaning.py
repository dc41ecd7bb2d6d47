"""Copies for reviewers who must not know whose a file is, and what the sweep leaves."""

import io
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from reviewhub.core import clock as core_clock
from reviewhub.core.metadata import CannotClean
from reviewhub.submissions import attachments, operations, tasks
from reviewhub.submissions.attachments import attach, store
from reviewhub.submissions.models import Cleaning, Submission, Upload
from reviewhub.submissions.queries import files_of
from reviewhub.submissions.workflow import State
from tests.factories import Factory

CANARY = "Quillon Hark"


def pdf(**saved: Any) -> bytes:
    """A PDF by somebody."""
    document, held = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.docinfo["/Author"] = CANARY
    document.save(held, **saved)
    return held.getvalue()


def files_in_store() -> set[str]:
    """Every file there is, by its path in the store."""
    found = (path for path in store().rglob("*") if path.is_file())
    return {path.relative_to(store()).as_posix() for path in found}


def is_old(path: Path) -> None:
    """Make a file look eight days old."""
    moment = (core_clock.now() - timedelta(days=8)).timestamp()
    os.utime(path, (moment, moment))


@pytest.fixture(autouse=True)
def _empty_store(db: Any, clock: Any) -> None:
    shutil.rmtree(store(), ignore_errors=True)


@pytest.fixture
def item(make: Factory) -> Submission:
    """A suggestion under way with one file."""
    submission = make.submission(state=State.SUBMITTED)
    attach(submission, f"{CANARY} report.pdf", pdf())
    return submission


def test_a_copy_is_made_when_it_is_asked_for_and_the_file_itself_stays(
    db: Any, item: Submission
) -> None:
    db.commit()
    assert tasks.clean_files() == 0
    operations.ask_for_clean_copies(item)
    db.commit()
    assert tasks.clean_files() == 1
    (file,) = files_of(item.id)
    assert file.cleaning is Cleaning.CLEAN
    assert file.clean_path is not None
    assert CANARY.encode() in (store() / file.path).read_bytes()
    assert CANARY.encode() not in (store() / file.clean_path).read_bytes()
    assert tasks.clean_files() == 0


def test_two_workers_make_one_copy(db: Any, item: Submission) -> None:
    operations.ask_for_clean_copies(item)
    db.commit()
    (file,) = files_of(item.id)
    id = file.id
    assert operations.clean(id)
    db.commit()
    before = files_in_store()
    assert not operations.clean(id)
    assert files_in_store() == before


def test_what_can_not_be_cleaned_has_no_copy_and_holds_up_no_other(
    db: Any, make: Factory, item: Submission
) -> None:
    broken = make.submission()
    attach(broken, "x.pdf", b"%PDF-1.4\nnothing else\n%%EOF\n")
    operations.ask_for_clean_copies(broken)
    operations.ask_for_clean_copies(item)
    db.commit()
    assert tasks.clean_files() == 2
    assert [file.cleaning for file in files_of(broken.id)] == [Cleaning.FAILED]
    assert [file.cleaning for file in files_of(item.id)] == [Cleaning.CLEAN]
    assert tasks.clean_files() == 0  # it is not tried for ever
    assert len([path for path in files_in_store() if path.startswith("clean/")]) == 1


def test_where_the_hub_hides_the_submitter_no_file_waits_to_be_asked_for(
    db: Any, item: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.commit()
    monkeypatch.setattr(attachments, "hides_submitter", lambda: True)
    assert tasks.clean_files() == 1
    assert [file.cleaning for file in files_of(item.id)] == [Cleaning.CLEAN]


def test_where_the_hub_hides_the_submitter_a_locked_file_is_refused_at_once(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = make.submission(state=State.DRAFT)
    locked = pdf(encryption=pikepdf.Encryption(owner="owner", user=""))
    attach(submission, "taken.pdf", locked)  # elsewhere it is nobody's concern
    monkeypatch.setattr(attachments, "hides_submitter", lambda: True)
    before = files_in_store()
    with pytest.raises(CannotClean, match="locked with a password") as refused:
        attach(make.submission(state=State.DRAFT), "x.pdf", locked)
    assert refused.value.field == "file"
    assert files_in_store() == before


def test_the_policy_says_who_must_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not attachments.hides_submitter()
    hub = attachments.catalogue()
    policy = {**hub.policy, "anonymity": "double"}
    other = replace(hub, settings={**hub.settings, "policy": policy})
    monkeypatch.setattr(attachments, "catalogue", lambda: other)
    assert attachments.hides_submitter()


# -- the sweep --


def test_bytes_that_no_row_names_go_after_a_week_and_no_others(
    db: Any, make: Factory, item: Submission
) -> None:
    operations.ask_for_clean_copies(item)
    db.commit()
    tasks.clean_files()
    orphan, fresh = attach(item, "a.pdf", pdf() + b"%1"), attach(item, "b.pdf", pdf() + b"%2")
    going = make.upload(item, path="partial/going")
    cv = store() / "cv" / "aa" / "cv.pdf"
    for path in (store() / going.path, cv):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    gone, stays = orphan.path, fresh.path
    attachments.detach(orphan)
    attachments.detach(fresh)
    for path in store().rglob("*"):
        if path.is_file() and path != store() / stays:
            is_old(path)
    before = files_in_store()
    db.commit()
    assert tasks.sweep() == 1
    assert before - files_in_store() == {gone}
    assert tasks.sweep() == 0


def test_a_file_that_nobody_went_on_with_is_given_up(
    db: Any, clock: Any, make: Factory, item: Submission
) -> None:
    old, going = make.upload(item), make.upload(item)
    (store() / "partial").mkdir(exist_ok=True)
    for upload in (old, going):
        (store() / upload.path).write_bytes(b"x")
    clock.advance(days=2, minutes=1)
    going.touched_at = core_clock.now()
    gone, kept = old.path, going.path
    db.commit()
    assert tasks.sweep() == 1
    assert gone not in files_in_store()
    assert kept in files_in_store()
    assert [upload.path for upload in db.query(Upload)] == [kept]
