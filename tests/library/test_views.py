"""The public pages, and an editor's, through the browser's eyes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.library import operations
from reviewhub.library.models import Origin
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.submissions import attachments
from reviewhub.submissions.models import Decision, DecisionKind, Licence, Scope, SubmissionFile
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.factories import Factory
from tests.library.shelf import put, statements, term_id

PUBLIC = ["/", "/library", "/objectives", "/objectives/14", "/how-we-review",
          "/library/by/country"]  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_open_without_a_session(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert {"Cookie", "Accept-Language"} <= set(response.headers["Vary"].split(", "))


def test_a_page_with_a_session_is_not_kept(sign_in: Any, make: Factory) -> None:
    client = sign_in(make.person())
    assert client.get("/library").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path",
    ["/themes", "/topics", "/objectives/99", "/topics/14", "/resources/none", "/library/by/none"],
)
def test_wrong_addresses_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/library", "/library?q=study&country=KEN", "/objectives/14",
                                  "/objectives"])  # fmt: skip
def test_a_list_takes_as_many_statements_for_three_rows_as_for_one(
    client: FlaskClient, db: Any, path: str
) -> None:
    counted = []
    for number in range(3):
        put(f"Study {number}", countries=["KEN"], description="Long. " * 30)
        if number in {0, 2}:
            client.get(path)  # the process takes in what was put
            with statements() as sent:
                assert client.get(path).status_code == 200
            counted.append(len(sent))
    assert counted[0] == counted[1] <= 12


def test_the_front_page_counts_each_topic_and_names_its_newest(
    client: FlaskClient, clock: Any, db: Any
) -> None:
    put("The older study")
    clock.advance(days=1)
    put("The newer study")
    page = client.get("/").text
    assert "The newer study" in page
    assert "The older study" not in page
    assert "1 UN and 2 non-UN reviewers" in page


def test_the_list_shows_title_publisher_date_and_where_it_came_from(
    client: FlaskClient, db: Any
) -> None:
    put("L’étude", language="fr", publisher="Maison Exemple", published_on="2024-05",
        origin=Origin.IMPORTED, description="mot " * 200)  # fmt: skip
    page = client.get("/library").text
    assert '<bdi lang="fr">L’étude</bdi>' in page
    for text in ("Maison Exemple", "May 2024", "Report", "Imported", "…</p>"):
        assert text in page
    assert "Peer reviewed" not in page


def test_filters_are_links_that_machines_do_not_follow(client: FlaskClient, db: Any) -> None:
    put("A study")
    page = client.get("/library?objective=14&objective=20").text
    assert '<meta name="robots" content="noindex, follow">' in page
    assert 'rel="canonical" href="http://localhost/library?objective=14&amp;objective=20"' in page
    assert 'href="/library?objective=20" rel="nofollow"' in page
    assert "noindex" not in client.get("/library?objective=14").text


def test_an_unknown_value_is_a_chip_that_can_be_taken_away(client: FlaskClient, db: Any) -> None:
    put("A study")
    page = client.get("/library?objective=atlantis&q=study").text
    assert "objective “atlantis” is not known here" in page
    assert "A study" in page
    assert 'href="/library?q=study"' in page


def test_no_facet_shows_more_than_fifty_values(client: FlaskClient, db: Any) -> None:
    countries = [term.code for term in catalogue().vocabulary("countries")][:60]
    put("Everywhere", countries=[code for code in countries if code != "global"])
    page = client.get("/library").text
    assert page.count("/library?country=") == 50
    assert "/library/by/country" in page
    assert client.get("/library/by/country").text.count("/library?country=") >= 59


def test_global_resources_are_added_to_a_country_on_demand(client: FlaskClient, db: Any) -> None:
    put("Kenyan study", countries=["KEN"], scope=Scope.NATIONAL)
    put("World study", scope=Scope.GLOBAL)
    narrow = client.get("/library?country=KEN").text
    assert "World study" not in narrow
    assert "Include global resources" in narrow
    assert "World study" in client.get("/library?country=KEN&global=1").text


def test_markup_in_a_title_stays_text(client: FlaskClient, db: Any) -> None:
    resource = put("<script>alert(1)</script> study", description="<b>bold</b>")
    for path in ("/", "/library?q=%3Cscript%3E", f"/resources/{resource.slug}"):
        assert "<script>alert" not in client.get(path).text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          )  # fmt: skip
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["q", "objective", "country", "type", "sort", "page", "x", "global"]),
            st.one_of(st.text(max_size=20), st.sampled_from(["14", "KEN", "%", "\\", "-1"])),
        ),
        max_size=5,
    )
)
def test_no_query_string_breaks_the_list(
    client: FlaskClient, db: Any, arguments: list[tuple[str, str]]
) -> None:
    text = [(name, value.encode("utf-8", "replace")) for name, value in arguments]
    assert client.get("/library", query_string=text).status_code == 200


def test_a_resource_page_says_how_it_was_reviewed(
    client: FlaskClient, db: Any, make: Factory, clock: Any
) -> None:
    submission = make.submission(state=State.APPROVED)
    db.add(Decision(submission_id=submission.id, kind=DecisionKind.APPROVED, by_panel=True,
                    panel={"reviewers": 3, "internal": 1, "external": 2, "policy": 1}))  # fmt: skip
    db.flush()
    resource = operations.publish(submission, by=SYSTEM)
    put("Another on the same topic")
    page = client.get(f"/resources/{resource.slug}").text
    for text in ("Peer reviewed", "Reviewed by 3 reviewers (1 UN, 2 non-UN)",
                 "Decided by the panel, under policy 1", "2 Mar 2026", "Example Press",
                 "Another on the same topic", 'rel="noopener external"'):  # fmt: skip
        assert text in page
    assert make.session.get(type(submission), submission.id).why_useful not in page


def test_an_imported_resource_claims_no_review(client: FlaskClient, db: Any) -> None:
    resource = put("Imported study", origin=Origin.IMPORTED)
    page = client.get(f"/resources/{resource.slug}").text
    assert "Nobody here has reviewed it." in page
    assert "Peer reviewed" not in page


def test_a_marked_country_brings_its_footnote(client: FlaskClient, db: Any) -> None:
    resource = put("Study", countries=["XKX"], scope=Scope.NATIONAL)
    page = client.get(f"/resources/{resource.slug}").text
    assert page.split("Filed under")[1].split("</section>")[0].count("1244") == 1


def test_a_removed_resource_leaves_a_tombstone(client: FlaskClient, db: Any, clock: Any) -> None:
    resource = put("Gone study", description="Text that must not stay")
    operations.remove(resource, by=SYSTEM, reason="The rights holder asked for it.")
    response = client.get(f"/resources/{resource.slug}")
    assert response.status_code == 410
    assert "The rights holder asked for it." in response.text
    assert "2 Mar 2026" in response.text
    assert "Text that must not stay" not in response.text


def test_an_archived_resource_says_so(client: FlaskClient, db: Any) -> None:
    resource = put("Old study")
    operations.archive(resource, by=SYSTEM, note="Superseded")
    page = client.get(f"/resources/{resource.slug}").text
    assert "This is archived" in page
    assert '<meta name="robots" content="noindex">' in page


def test_how_we_review_states_the_policy(client: FlaskClient, db: Any) -> None:
    page = client.get("/how-we-review").text
    for text in ("1 UN and 2 non-UN reviewers", "within 21 days", "Single anonymized",
                 "Review summaries", "Claims without sources", "Out of scope",
                 "Post-publication commenting"):  # fmt: skip
        assert text in page


def test_a_file_is_a_download_until_the_resource_is_removed(
    client: FlaskClient, db: Any, make: Factory, app: Any
) -> None:
    submission = make.submission(state=State.APPROVED, licence=Licence.OPEN)
    kept = SubmissionFile(submission_id=submission.id, path="ab/cd.pdf", name="Étude.pdf",
                          media_type="application/pdf", size=4, sha256="0" * 64)  # fmt: skip
    db.add(kept)
    (attachments.store() / "ab").mkdir(parents=True, exist_ok=True)
    (attachments.store() / "ab" / "cd.pdf").write_bytes(b"%PDF")
    db.flush()
    resource = operations.publish(submission, by=SYSTEM)
    path = f"/resources/{resource.slug}/files/{kept.id}"
    assert path in client.get(f"/resources/{resource.slug}").text
    with client.get(path) as response:
        assert response.data == b"%PDF"
        assert response.headers["Content-Disposition"].startswith("attachment;")
    assert client.get(f"/resources/{put('Other').slug}/files/{kept.id}").status_code == 404
    submission.licence = Licence.LINK_ONLY
    db.flush()
    assert client.get(path).status_code == 404  # there is no right to hand it out
    submission.licence = Licence.PERMISSION
    operations.remove(resource, by=SYSTEM, reason="The rights holder asked for it")
    assert client.get(path).status_code == 404


EDITING = ["correct", "archive", "restore", "remove"]


@pytest.mark.parametrize("verb", EDITING)
def test_only_editors_see_an_editors_pages(
    client: FlaskClient, sign_in: Any, make: Factory, verb: str
) -> None:
    path = f"/resources/{put('A study').slug}/{verb}"
    assert client.get(path).status_code == 302
    assert sign_in(make.person()).get(path).status_code == 403
    assert sign_in(make.staff(Role.AUDITOR)).post(path).status_code == 403
    assert sign_in(make.editor()).get(path).status_code == 200


def test_an_editor_archives_restores_and_removes(
    sign_in: Callable[..., FlaskClient], make: Factory, db: Any
) -> None:
    resource = put("A study")
    client, path = sign_in(make.editor()), f"/resources/{resource.slug}"
    assert client.post(f"{path}/archive", data={"note": ""}).status_code == 200
    assert resource.state is ResourceState.PUBLISHED
    client.post(f"{path}/archive", data={"note": "Superseded"})
    assert resource.state is ResourceState.ARCHIVED
    client.post(f"{path}/restore")
    assert resource.state is ResourceState.PUBLISHED
    client.post(f"{path}/remove", data={"note": "The rights holder asked for it"})
    assert resource.state is ResourceState.REMOVED
    assert client.post(f"{path}/restore").status_code == 409


def test_an_editor_corrects_a_resource_and_readers_see_the_difference(
    sign_in: Callable[..., FlaskClient], make: Factory, db: Any
) -> None:
    resource = put("A studdy", countries=["KEN"], languages=["en"], url="https://example.org/a")
    client, path = sign_in(make.editor()), f"/resources/{resource.slug}"
    assert 'value="A studdy"' in client.get(f"{path}/correct").text
    answers = {
        "title": "A study", "url": "https://example.org/a", "section": resource.section_id,
        "document_type": resource.document_type_id, "scope": "global", "breadth": "broad",
        "primary": term_id("topics", "20"), "topics": [term_id("topics", "14")],
        "countries": [term_id("countries", "KEN")], "language": "en", "note": "A letter too many",
    }  # fmt: skip
    refused = client.post(f"{path}/correct", data={**answers, "url": "ftp://x"})
    assert refused.status_code == 200
    assert resource.title == "A studdy"
    assert client.post(f"{path}/correct", data=answers).status_code == 302
    assert resource.title == "A study"
    page = client.get(path).text
    for text in ("A letter too many", "<del", "A studdy", "<ins"):
        assert text in page


def test_an_editor_publishes_an_approved_submission_now(
    sign_in: Callable[..., FlaskClient], make: Factory, db: Any
) -> None:
    submission = make.submission(state=State.APPROVED)
    client = sign_in(make.editor())
    path = f"/submissions/{submission.ref}/publish"
    assert submission.title in client.get(path).text
    assert client.post(path).status_code == 302
    assert submission.state is State.PUBLISHED
    assert client.post(path).status_code == 409


def test_every_mail_of_the_library_renders(make: Factory, db: Any, clock: Any, app: Any) -> None:
    editor = Actor(person_id=make.editor().id, roles=frozenset({Role.EDITOR}))
    resource = operations.publish(make.submission(state=State.APPROVED), by=editor)
    operations.correct(resource, by=editor, changes={"title": "New title"}, note="A mistake")
    operations.archive(resource, by=editor, note="Superseded")
    clock.advance(hours=1)
    operations.restore(resource, by=editor)
    operations.remove(resource, by=editor, reason="The rights holder asked for it")
    mails = [render(message) for message in db.query(Message).order_by(Message.id)]
    assert [mail["Subject"].split(":")[0] for mail in mails] == [
        "Published", "Corrected", "Archived", "Listed again", "Removed"
    ]  # fmt: skip
    for mail in mails:
        text = mail.get_body(("plain",)).get_content()
        assert f"/resources/{resource.slug}" in text
