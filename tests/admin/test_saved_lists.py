"""Lists that somebody keeps: an address under a name, for one person alone."""

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.admin import operations, queries
from reviewhub.admin.models import SavedList
from reviewhub.core.errors import InvalidInput
from tests.admin.queries import counted
from tests.constraints import refused_by


def as_editor(person):
    return Actor(person_id=person.id, roles=person.roles)


def names(person):
    return [one.name for one in queries.lists_of(person.id)]


def test_the_list_that_is_open_is_kept_under_a_name(make, sign_in):
    browser = sign_in(make.editor())
    sent = {"name": " Consulates,  late ", "query": "topic=14&due=overdue&after=x%7C1&key=secret"}
    answer = browser.post("/desk/lists", data=sent)
    assert answer.location == "/desk?whose=all&due=overdue&topic=14"
    page = browser.get(answer.location).text
    assert "Consulates, late" in page
    assert 'href="/desk?whose=all&amp;due=overdue&amp;topic=14" aria-current="page"' in page


def test_a_name_used_again_goes_to_the_new_list(make, db):
    editor = make.editor()
    operations.keep_list("Mine", "whose=mine", by=as_editor(editor))
    db.flush()
    operations.keep_list("Mine", "whose=all", by=as_editor(editor))
    db.flush()
    assert [one.query for one in queries.lists_of(editor.id)] == ["whose=all"]


def test_a_list_without_a_name_or_with_too_long_a_one_is_not_kept(make, sign_in):
    editor = make.editor()
    for name in ("", "  ", "n" * 61):
        with pytest.raises(InvalidInput):
            operations.keep_list(name, "whose=all", by=as_editor(editor))
    browser = sign_in(editor)
    browser.post("/desk/lists", data={"name": "", "query": "whose=mine"})
    assert "Give the list a name" in browser.get("/desk").text


def test_twenty_lists_are_enough(make, db):
    editor = make.editor()
    for number in range(operations.MOST_LISTS):
        operations.keep_list(f"Nr {number}", "whose=all", by=as_editor(editor))
    db.flush()
    with pytest.raises(InvalidInput):
        operations.keep_list("One more", "whose=all", by=as_editor(editor))
    operations.keep_list("Nr 3", "whose=mine", by=as_editor(editor))
    assert len(names(editor)) == operations.MOST_LISTS


def test_nobody_sees_or_forgets_the_lists_of_others(make, sign_in, db):
    editor, other = make.editor(), make.editor()
    kept = operations.keep_list("Only mine", "whose=mine", by=as_editor(editor))
    db.flush()
    address = f"/desk/lists/{kept.id}/forget"
    browser = sign_in(other)
    assert "Only mine" not in browser.get("/desk").text
    assert browser.post(address).status_code == 404
    assert sign_in(editor).post(address).location == "/desk?whose=mine#kept"
    assert names(editor) == []


def test_the_lists_cost_one_question_however_many_there_are(make, db):
    editor = make.editor()
    numbers = []
    for number in range(3):
        operations.keep_list(f"Nr {number}", "whose=all", by=as_editor(editor))
        db.flush()
        with counted() as statements:
            queries.lists_of(editor.id)
        numbers.append(len(statements))
    assert numbers == [1, 1, 1]


def test_the_database_holds_a_list_to_a_name_of_its_own(make, db):
    editor = make.editor()
    db.add(SavedList(person_id=editor.id, name="Mine", query=""))
    db.flush()
    with refused_by(db, "ck_saved_lists_named"):
        db.add(SavedList(person_id=editor.id, name="", query=""))
    with refused_by(db, "uq_saved_lists_once"):
        db.add(SavedList(person_id=editor.id, name="Mine", query=""))
