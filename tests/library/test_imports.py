"""Taking over a collection, row by row, and reading its file."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM
from reviewhub.core.errors import InvalidInput
from reviewhub.library import collections, operations, queries
from reviewhub.library.imports import Outcome, take_over
from reviewhub.library.models import Origin, Resource
from reviewhub.submissions.models import Scope
from reviewhub.taxonomy.queries import catalogue
from tests.library.shelf import put

WHOLE = {
    "external_id": "demo:1",
    "section": "documents",
    "document_type": "Report",
    "title": "Evaluation of a made-up programme",
    "author": "Ada Example; Ben Sample",
    "publisher": "Example Press",
    "date_of_publication": "2021-03",
    "languages": ["en", "Dutch"],
    "countries": ["Kenya", "Côte d’Ivoire", "NPL"],
    "geographic_scope": "multi-country",
    "objectives_derived": [6, 14],
    "principles_derived": ["Human rights"],
    "url": "https://www.example.org/a?utm_source=x",
    "files": [
        {"url": "https://www.example.org/a?utm_source=x"},
        {"url": "https://example.org/b", "label": "Annex"},
    ],
}


def run(*records: Any) -> Outcome:
    return take_over(enumerate(records, 1), by=SYSTEM, hub=catalogue())


def test_a_record_comes_in_with_everything_it_says(db: Any, clock: Any) -> None:
    assert run(WHOLE) == Outcome(new=1)
    resource = queries.existing("demo:1", "")
    assert resource is not None
    assert resource.origin is Origin.IMPORTED
    assert resource.url_key == "example.org/a"
    assert resource.authors == ["Ada Example", "Ben Sample"]
    assert (resource.published_on, resource.language) == ("2021-03", "en")
    assert resource.scope is Scope.MULTI_REGION
    assert resource.details == {
        "languages": ["nl"], "links": [{"url": "https://example.org/b", "label": "Annex"}],
    }  # fmt: skip
    codes = [catalogue().term(filed.term_id).code for filed in resource.filing]
    assert codes == ["6", "14", "human-rights", "KEN", "CIV", "NPL", "en", "africa", "asia"]
    assert resource.filing[0].is_primary


def test_running_it_again_changes_nothing(db: Any, clock: Any) -> None:
    run(WHOLE, {"title": "Without a number", "url": "https://example.org/c"})
    again = run(WHOLE, {"title": "Without a number", "url": "http://www.example.org/c/"})
    assert (again.new, again.refused) == (0, ())
    assert again.unchanged + again.updated == 2
    assert run(WHOLE) == Outcome(unchanged=1)


def test_what_changed_at_its_source_is_corrected_here(db: Any, clock: Any) -> None:
    run(WHOLE)
    assert run({**WHOLE, "title": "A better title"}) == Outcome(updated=1)
    resource = queries.existing("demo:1", "")
    assert resource is not None
    assert (resource.title, resource.edition) == ("A better title", 2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a", "b"]}, "title"),
        ({"url": "ftp://example.org/x"}, "url"),
        ({"url": "https://"}, "url"),
        ({"date_of_publication": "31 May"}, "published_on"),
        ({"date_of_publication": "2021-02-30"}, "published_on"),
        ({"countries": ["Atlantis"]}, "countries"),
        ({"countries": {"code": "KEN"}}, "countries"),
        ({"objectives_derived": [77]}, "topics"),
        ({"document_type": "Poem"}, "document_type"),
        ({"section": "attic"}, "section"),
        ({"languages": ["no such language at all"]}, "languages"),
        ({"geographic_scope": "galactic"}, "scope"),
        ({"breadth": "endless"}, "breadth"),
        ({"publisher": "broken \ud800"}, ""),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_field_and_reason(
    db: Any, clock: Any, change: dict[str, Any], field: str
) -> None:
    outcome = run({**WHOLE, "external_id": "demo:2", "url": "", **change}, WHOLE)
    assert outcome.new == 1
    (refusal,) = outcome.refused
    assert (refusal.row, refusal.field) == (1, field)
    assert refusal.reason
    assert db.scalar(sa.select(sa.func.count(Resource.id))) == 1


@pytest.mark.parametrize("record", [None, 7, "text", ["a"]])
def test_a_row_that_is_no_record_is_refused(db: Any, clock: Any, record: Any) -> None:
    assert len(run(record).refused) == 1


def test_an_import_does_not_touch_what_was_checked_or_removed_here(db: Any, clock: Any) -> None:
    put("Checked", url_key="example.org/checked")
    removed = put("Removed", origin=Origin.IMPORTED, url_key="example.org/removed")
    removed.external_id = "demo:removed"
    operations.remove(removed, by=SYSTEM, reason="The rights holder asked for it")
    outcome = run(
        {"title": "New title", "url": "https://example.org/checked"},
        {"title": "New title", "external_id": "demo:removed"},
    )
    assert [refusal.row for refusal in outcome.refused] == [1, 2]


def test_a_long_title_is_cut_and_a_description_may_be_missing(db: Any, clock: Any) -> None:
    assert run({"title": "word " * 100}) == Outcome(new=1)


def test_the_title_is_in_the_first_language_of_its_script(db: Any, clock: Any) -> None:
    run({"title": "A treaty", "languages": ["ar", "zh", "fr"], "external_id": "t:1"})
    run({"title": "ميثاق", "languages": ["en", "ar"], "external_id": "t:2"})
    languages = [queries.existing(number, "").language for number in ("t:1", "t:2")]  # type: ignore[union-attr]
    assert languages == ["fr", "ar"]


def test_json_may_be_a_list_or_stand_under_items(tmp_path: Path, db: Any) -> None:
    for number, content in enumerate(([WHOLE], {"what": "demo", "items": [WHOLE]})):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        assert collections.read(path) == [WHOLE]


def test_csv_holds_lists_with_semicolons(tmp_path: Path, db: Any, clock: Any) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "\ufeffTitle,countries,objectives,languages,date\r\n"
        '"Two places, one study",Kenya; NPL,14;6,en;fr,2020\r\n\r\n',
        encoding="utf-8",
    )
    (record,) = collections.read(path)
    assert run(record) == Outcome(new=1)
    resource = db.scalar(sa.select(Resource))
    codes = [catalogue().term(filed.term_id).code for filed in resource.filing]
    assert codes[:6] == ["14", "6", "KEN", "NPL", "en", "fr"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"{"),
        ("b.json", b'{"records": 3}'),
        ("c.json", b"[" * 100_000),
        ("d.csv", b""),
        ("e.csv", b"no,header\r\n1,2"),
        ("f.csv", b'title\r\n"open'),
        ("g.csv", "title\r\né".encode("latin-1")),
        ("h.txt", b"title"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_sentence(
    tmp_path: Path, db: Any, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        collections.read(path)
    with pytest.raises(InvalidInput):
        collections.read(tmp_path / "missing.json")
