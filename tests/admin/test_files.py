"""The desk's lists as files: whole, safe to open, and nothing in them that the page would hide."""

import csv
import io

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.admin import files
from reviewhub.audit.operations import record
from reviewhub.submissions.models import Progress
from reviewhub.submissions.workflow import State


def rows_of(answer):
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


@pytest.fixture
def short_stretches(monkeypatch):
    monkeypatch.setattr(files, "STRETCH", 2)


@pytest.mark.parametrize("query", ["whose=all", "whose=all&sort=since", "whose=all&sort=newest"])
def test_the_file_has_every_row_of_the_list_once(make, sign_in, clock, short_stretches, query):
    submitter = make.person()
    for number in range(5):
        progress = Progress(due_at=clock()) if number % 2 else None
        make.submission(submitter_id=submitter.id, progress=progress, title=f"Nr {number}")
    make.submission(title="Done with", state=State.REJECTED)
    header, *found = rows_of(sign_in(make.editor()).get(f"/desk/suggestions.csv?{query}"))
    assert header[:2] == ["Reference", "Title"]
    assert sorted(row[1] for row in found) == [f"Nr {number}" for number in range(5)]


def test_a_title_that_looks_like_a_formula_does_not_run(make, sign_in):
    make.submission(title="=HYPERLINK(1)")
    _header, row = rows_of(sign_in(make.editor()).get("/desk/suggestions.csv?whose=all"))
    assert row[1] == "'=HYPERLINK(1)"


@pytest.mark.lasting
def test_the_history_and_the_outbox_come_as_files(make, sign_in, db, clock, short_stretches):
    editor = make.editor("Edith Handling")
    submission = make.submission(title="Written about")
    for _time in range(5):
        record(submission, "take", actor_id=editor.id, role="editor")
    db.flush()
    browser = sign_in(editor)
    _header, *events = rows_of(browser.get("/desk/history.csv"))
    assert [row[1] for row in events] == ["Edith Handling"] * 5
    header, *mails = rows_of(browser.get("/desk/outbox.csv?state=queued"))
    assert header[0] == "Mail"
    assert mails == []


@pytest.mark.parametrize("name", ["suggestions", "history", "outbox"])
def test_the_files_are_for_those_who_read_the_desk(make, sign_in, client, name):
    assert client.get(f"/desk/{name}.csv").status_code == 302
    assert sign_in(make.person()).get(f"/desk/{name}.csv").status_code == 403
    assert sign_in(make.staff(Role.AUDITOR)).get(f"/desk/{name}.csv").status_code == 200
