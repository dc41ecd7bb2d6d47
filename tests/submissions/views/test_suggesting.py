"""Suggesting through the pages: guests and people with an account, good answers and bad ones."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from reviewhub.accounts.models import Person
from reviewhub.submissions.answers import codes_of
from reviewhub.submissions.attachments import attach
from reviewhub.submissions.forms import with_detail_of
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.factories import Factory
from tests.second_app import changed_settings

Form = Callable[..., dict[str, Any]]


def only(db: Any) -> Submission:
    """The one submission there is."""
    return db.scalars(sa.select(Submission)).one()


def with_detail(client: FlaskClient, **said: Any) -> str:
    """The page with the further questions, which a button leads to."""
    shown = client.post("/suggest/save", data={**said, "then": "detail"})
    assert shown.location.endswith("#detail")
    return client.get(shown.location.partition("#")[0]).text


def test_a_ticked_consent_is_still_ticked_with_more_questions_and_nowhere_else(
    db: Any, clock: Any, client: FlaskClient
) -> None:
    ticked = 'checked id="consent"'
    assert ticked in with_detail(client, title="A handbook", consent="y")
    assert ticked not in client.get(f"/suggest/{only(db).ref}").text
    assert ticked not in with_detail(client, title="Another handbook")


# -- the whole way --


def test_a_guest_suggests_confirms_and_follows_it(
    db: Any, clock: Any, client: FlaskClient, form: Form, key_of: Any, mails: Any, editor: Person
) -> None:
    sent = client.post("/suggest", data=form())
    assert sent.status_code == 302
    page = client.get(sent.location)
    assert "One step left" in page.text
    submission = only(db)
    assert (submission.state, submission.submitter_id is None) == (State.DRAFT, False)

    confirm = f"/submissions/{submission.ref}/confirm"
    key = key_of(submission)
    for _scan in range(2):
        assert "Confirm and send" in client.get(confirm, query_string={"key": key}).text
        client.head(confirm, query_string={"key": key})
    db.refresh(submission)
    assert submission.state is State.DRAFT  # mail scanners follow links

    done = client.post(f"{confirm}?key={key}")
    assert done.status_code == 302
    assert key in done.location
    assert "Your suggestion" in client.get(done.location).text
    db.refresh(submission)
    assert submission.state is State.SUBMITTED
    again = client.get(confirm, query_string={"key": key})
    assert again.status_code == 302
    assert "on its way already" in client.get(again.location).text
    assert [event for event, _address in mails()] == [
        "submissions/confirm",
        "submissions/submit",
        "submissions/new",
    ]


def test_a_signed_in_person_is_asked_for_no_address_and_sends_at_once(
    db: Any, make: Factory, sign_in: Any, form: Form
) -> None:
    person = make.person()
    browser = sign_in(person)
    assert 'name="email"' not in browser.get("/suggest").text
    sent = browser.post("/suggest", data=form(email="other@host.example"))
    submission = only(db)
    assert sent.location == f"/submissions/{submission.ref}"
    assert (submission.submitter_id, submission.state) == (person.id, State.SUBMITTED)


def test_a_second_click_on_send_makes_no_second_suggestion(
    db: Any, make: Factory, sign_in: Any, form: Form
) -> None:
    browser = sign_in(make.person())
    first = browser.post("/suggest", data=form())
    second = browser.post("/suggest", data=form())
    assert second.location == first.location
    assert "You have suggested this already" in browser.get(second.location).text
    assert only(db).round == 1


def test_the_page_is_small_enough_for_a_slow_line(
    db: Any, client: FlaskClient, make: Factory, sign_in: Any
) -> None:
    assert len(client.get("/suggest").data) < 30_000
    assert len(sign_in(make.person()).get("/suggest").data) < 30_000
    assert len(with_detail(client).encode()) < 100_000


def test_the_page_asks_for_no_more_files_than_a_browser_fetches_at_once(
    client: FlaskClient,
) -> None:
    for address in ("/suggest", "/", "/suggest"):
        sheets = re.findall(r'<link rel="stylesheet" href="[^"]+">', client.get(address).text)
        assert (len(sheets) <= 6) == (address == "/suggest")


def test_the_link_may_come_with_the_address_of_the_page(client: FlaskClient) -> None:
    page = client.get("/suggest", query_string={"url": 'https://library.example/x"><b>'})
    assert 'value="https://library.example/x&#34;&gt;&lt;b&gt;"' in page.text


def test_what_somebody_writes_is_on_nobody_elses_page(
    client: FlaskClient, form: Form, make: Factory, sign_in: Any
) -> None:
    untouched = _without_tokens(client.get("/suggest").text)
    title, why = "The writer's own title", "Something that only the writer of it may see here."
    drafted = with_detail(client, title=title, why_useful=why, publisher="House of the writer")
    refused = client.post("/suggest", data=form(title=title, why_useful=why, email="nonsense"))
    for page in (drafted, refused.text):
        assert "The writer&#39;s own title" in page
        assert why in page
    person = sign_in(make.person())
    for link in ("", "?url=https://a.example/read"):
        for page in (client.get(f"/suggest{link}").text, person.get(f"/suggest{link}").text):
            assert "own title" not in page
            assert why not in page
            assert ('value="https://a.example/read"' in page) == bool(link)
            assert ('name="email"' in page) == ("Sign out" not in page)
    assert _without_tokens(client.get("/suggest").text) == untouched


def test_a_draft_without_an_answer_shows_the_file_that_came_since(
    db: Any, client: FlaskClient
) -> None:
    draft = client.post("/suggest/save", data={}).location
    assert "scan.pdf" not in client.get(draft).text
    attach(only(db), "scan.pdf", b"%PDF-1.7 a handbook")
    assert "<bdi>scan.pdf</bdi>" in client.get(draft).text
    assert "scan.pdf" not in client.get("/suggest").text


def test_the_page_says_what_the_hub_allows_now(
    client: FlaskClient,
) -> None:
    assert "Up to 3 files of 10 MB" in client.get("/suggest").text
    with changed_settings(upload_max_bytes=2 * 1024 * 1024):
        assert "Up to 3 files of 2 MB" in client.get("/suggest").text
    assert "Up to 3 files of 10 MB" in client.get("/suggest").text


def test_a_page_looks_for_publishers_only_where_it_proposes_them(
    db: Any, client: FlaskClient
) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    connection = db.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    client.get("/suggest")
    assert "publisher" not in " ".join(asked)
    with_detail(client)
    assert "publisher" in " ".join(asked)
    sa.event.remove(connection, "before_cursor_execute", note)


def _without_tokens(page: str) -> str:
    return re.sub(r'(name="csrf_token"[^>]* value=")[^"]*', r"\1", page)


# -- what is refused, and what is kept --


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"url": ""}, "This is still missing: a link or a file."),
        ({"url": "javascript:alert(1)"}, "Only links that begin with http"),
        ({"url": "nonsense"}, "This is no complete link"),
        ({"title": ""}, "Please answer this."),
        ({"title": "Four"}, "5 to 300 characters"),
        ({"title": "x" * 301}, "5 to 300 characters"),
        ({"language": ""}, "Please choose the language."),
        ({"language": "klingon"}, "Not a valid choice"),
        ({"why_useful": "Short."}, "30 to 1000 characters"),
        ({"main_topic": ""}, "Please choose one."),
        ({"main_topic": "99"}, "Not a valid choice"),
        ({"topics": ["14", "99"]}, "valid choice"),
        ({"email": "nonsense"}, "does not look like an e-mail address"),
        ({"email": ""}, "Please give an address"),
        ({"consent": ""}, "Without your consent"),
        ({"published_on": "May 2024"}, "Write the date as"),
        ({"section": "attic"}, "Not a valid choice"),
        ({"document_type": "scroll"}, "Not a valid choice"),
        ({"scope": "galactic"}, "Not a valid choice"),
        ({"regions": ["atlantis"]}, "not a valid choice"),
        ({"countries": ["XXX"]}, "not a valid choice"),
        ({"country": "XXX"}, "Not a valid choice"),
        ({"relation": "cousin"}, "Not a valid choice"),
        ({"for_government": "y"}, "Say for which country you write."),
        ({"authors": "\n".join(["A" * 160])}, "At most 20 authors"),
        ({"description": "Short."}, "50 to 2000 characters"),
    ],
)
def test_a_bad_answer_is_named_and_the_others_are_kept(
    db: Any, client: FlaskClient, form: Form, values: dict[str, Any], sentence: str
) -> None:
    given_ = form(publisher="Institute of Crossings", **values)
    answer = client.post("/suggest", data=given_)
    assert answer.status_code == 422
    assert sentence.lower() in answer.text.lower()
    assert "Institute of Crossings" in answer.text
    if "why_useful" not in values:
        assert given_["why_useful"] in answer.text
    assert only(db).state is State.DRAFT


def test_all_mistakes_are_named_at_once_and_the_questions_with_one_are_shown(
    client: FlaskClient, form: Form
) -> None:
    answer = client.post(
        "/suggest", data=form(title="Four", url="javascript:x", published_on="May 2024")
    ).text
    for sentence in ("5 to 300 characters", "Only links that begin with", "Write the date as"):
        assert sentence in answer
    assert '<fieldset id="detail"' in answer


def test_publishers_of_published_resources_are_proposed_and_no_others(
    client: FlaskClient, make: Factory
) -> None:
    make.submission(publisher='Crossings "Press"', state=State.PUBLISHED)
    make.submission(publisher="Press of something under review")
    page = with_detail(client)
    assert "under review" not in page
    assert 'list="publishers"' in page
    assert '<datalist id="publishers"><option value="Crossings &#34;Press&#34;">' in page


def test_what_was_refused_can_be_mended_on_the_same_page(
    db: Any, client: FlaskClient, form: Form
) -> None:
    answer = client.post("/suggest", data=form(title="Four"))
    action = re.search(r'action="([^"]+)"', answer.text.replace("&amp;", "&"))
    targets = re.findall(r'<form[^>]+action="([^"]+)"', answer.text.replace("&amp;", "&"))
    assert action is not None
    target = next(t for t in targets if t.startswith("/suggest/RH-"))
    assert client.post(target, data=form()).status_code == 302
    assert only(db).submitter_id is not None


def test_characters_that_arrive_broken_are_asked_for_again(
    db: Any, client: FlaskClient, form: Form
) -> None:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in {
            **{name: str(value).encode() for name, value in form().items()},
            "title": "Café consulaire".encode("latin-1"),
        }.items()
    ]
    answer = client.post(
        "/suggest", data=b"".join(parts) + b"--x--", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 422
    assert "arrived broken" in answer.text


def test_far_too_long_an_answer_gets_a_page_that_says_so(client: FlaskClient, form: Form) -> None:
    answer = client.post("/suggest", data=form(title="x" * 10_000_000))
    assert answer.status_code == 413
    assert "more than we take in one go" in answer.text


def test_what_the_hub_has_is_said_beside_the_link_without_telling_whose(
    db: Any, make: Factory, client: FlaskClient, form: Form
) -> None:
    owner = make.person("Olga Owner")
    other = make.submission(
        url=form()["url"], url_key="library.example/consular-handbook", submitter_id=owner.id
    )
    answer = client.post("/suggest", data=form())
    assert answer.status_code == 422
    assert "This is already under review" in answer.text
    assert other.ref not in answer.text
    assert "Olga" not in answer.text


def test_a_similar_title_is_asked_about_and_sent_all_the_same(
    db: Any, make: Factory, client: FlaskClient, form: Form
) -> None:
    make.submission(title="A handbook of consular practice")
    answer = client.post("/suggest", data=form())
    assert answer.status_code == 422
    assert "This looks like something we have" in answer.text
    sent = client.post("/suggest", data=form(send_anyway="y"))
    assert sent.status_code == 302


VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "y", "0", "-1", "en", "14", "unsure", "global", "KEN", "\x00", "None"]),
    st.lists(st.text(max_size=5), max_size=3),
)


@pytest.mark.lasting
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from([
    "url", "title", "language", "why_useful", "main_topic", "topics", "publisher", "published_on",
    "section", "document_type", "description", "authors", "scope", "regions", "countries",
    "relation", "organisation", "country", "for_government", "email", "name", "consent",
    "send_anyway", "detail", "then", "key", "csrf_token",
]), VALUES, max_size=6))  # fmt: skip
def test_nothing_that_can_be_sent_breaks_the_page(
    db: Any, client: FlaskClient, form: Form, changes: dict[str, Any]
) -> None:
    assert client.post("/suggest", data=form(**changes)).status_code in {302, 422}
    assert client.post("/suggest/save", data=form(**changes)).status_code == 302


# -- saving and going on --


def test_a_page_saves_itself_and_the_draft_is_found_again(
    db: Any, client: FlaskClient, form: Form
) -> None:
    headers = {"Accept": "application/json"}
    saved = client.post("/suggest/save", data={"title": "Half a ti"}, headers=headers).json
    assert set(saved) >= {"saved_at", "url", "action", "uploads"}
    again = client.post(saved["url"], data=form(title="Half a title"), headers=headers)
    assert again.status_code == 200
    assert again.json["url"] == saved["url"]
    page = client.get(saved["action"]).text
    assert "Half a title" in page
    assert "gia@guest.example" in page
    assert only(db).title == "Half a title"
    assert client.post(saved["action"], data=form()).status_code == 302


@pytest.mark.lasting
def test_the_further_questions_come_on_demand_and_are_not_emptied_by_a_page_without_them(
    db: Any, client: FlaskClient, form: Form
) -> None:
    assert 'name="countries"' not in client.get("/suggest").text
    page = with_detail(client, **form(title="A long enough title"))
    assert 'value="A long enough title"' in page
    assert 'name="countries"' in page
    submission = only(db)
    key = re.search(r"key=([^&\"#]+)", page)
    assert key is not None
    here = f"/suggest/{submission.ref}?key={key[1]}"
    detail = {"publisher": "Institute", "countries": ["KEN", "FRA"], "topics": ["20"]}
    client.post(f"/suggest/{submission.ref}/save?key={key[1]}", data=form(detail="1", **detail))
    assert 'value="Institute"' in client.get(here).text
    assert client.post(here, data=form()).status_code == 302  # the seven answers only
    db.refresh(submission)
    assert submission.publisher == "Institute"
    assert set(codes_of(submission, "countries")) == {"KEN", "FRA"}


def test_the_further_questions_can_be_emptied_on_the_page_that_shows_them(
    db: Any, client: FlaskClient, form: Form
) -> None:
    saved = client.post("/suggest/save", data=form(detail="1", publisher="X", countries=["KEN"]))
    client.post(saved.location, data=form(detail="1", title="", publisher=""))
    kept = only(db).details["unsent"]
    assert (kept["publisher"], kept["countries"]) == ("", [])


def test_without_javascript_a_button_saves(db: Any, client: FlaskClient, form: Form) -> None:
    saved = client.post("/suggest/save", data=form(title="Half"))
    page = client.get(saved.location).text
    assert "Your draft is saved" in page
    assert 'value="Half"' in page


def test_a_draft_begun_as_a_guest_goes_on_after_signing_in(
    db: Any, client: FlaskClient, make: Factory, sign_in: Any, form: Form
) -> None:
    saved = client.post("/suggest/save", data=form(title="Half"))
    person = make.person()
    browser = sign_in(person)
    sent = browser.post(saved.location, data=form())
    submission = only(db)
    assert sent.location == f"/submissions/{submission.ref}"
    assert (submission.submitter_id, submission.state) == (person.id, State.SUBMITTED)
    assert client.get(saved.location).status_code == 404


def test_nobody_opens_somebody_elses_draft(
    db: Any, client: FlaskClient, make: Factory, sign_in: Any, form: Form, editor: Person
) -> None:
    saved = client.post("/suggest/save", data=form())
    submission = only(db)
    bare = f"/suggest/{submission.ref}"
    other = client.post("/suggest/save", data=form())
    other_key = other.location.partition("key=")[2]
    strangers = [
        (client, bare),
        (client, f"{bare}?key={other_key}"),
        (sign_in(make.person()), bare),
    ]
    for browser, address in [*strangers, (sign_in(editor), bare)]:
        assert browser.get(address).status_code == 404
        assert browser.post(address, data=form()).status_code == 404
    assert client.get(saved.location).status_code == 200


@pytest.mark.parametrize(
    "ref", ["RH-2026-999999", "x", "%00", "%F0%9F%A6%8A", "RH-2026-1%00", "a" * 900]
)
def test_an_address_that_leads_nowhere_says_so(client: FlaskClient, ref: str) -> None:
    assert client.get(f"/suggest/{ref}").status_code == 404
    assert client.get(f"/submissions/{ref}").status_code == 404


def test_after_sending_the_drafts_address_leads_to_the_suggestion(
    db: Any, client: FlaskClient, form: Form, key_of: Any
) -> None:
    client.post("/suggest", data=form())
    submission = only(db)
    key = key_of(submission)
    client.post(f"/submissions/{submission.ref}/confirm?key={key}")
    moved = client.get(f"/suggest/{submission.ref}?key={key}")
    assert moved.location == f"/submissions/{submission.ref}?key={key}"


def test_a_mistyped_address_is_corrected_by_sending_again(
    db: Any, client: FlaskClient, form: Form, mails: Any
) -> None:
    sent = client.post("/suggest", data=form(email="wrong@guest.example"))
    change = re.search(r'href="(/suggest/RH-[^"]+)"', client.get(sent.location).text)
    assert change is not None
    again = client.post(change[1], data=form())
    assert again.status_code == 302
    assert mails() == [
        ("submissions/confirm", "wrong@guest.example"),
        ("submissions/confirm", "gia@guest.example"),
    ]


def test_a_draft_cannot_be_sent_in_the_name_of_a_known_address(
    db: Any, client: FlaskClient, make: Factory, sign_in: Any, form: Form
) -> None:
    known, other = make.person(email="known@host.example"), make.person()
    sent = client.post("/suggest", data=form(email="known@host.example"))
    submission = only(db)
    assert submission.submitter_id == known.id
    key = sent.location.partition("key=")[2]
    sign_in(other).post(f"/suggest/{submission.ref}?key={key}", data=form())
    db.refresh(submission)
    assert submission.submitter_id == other.id
    assert client.post(f"/submissions/{submission.ref}/confirm?key={key}").status_code == 404


def test_a_button_pressed_before_the_page_was_whole_empties_nothing() -> None:
    said = {
        "title": "Kept",
        "main_topic": "14",
        "countries": ["KEN", "UGA"],
        "email": "a@b.example",
    }
    sent = MultiDict({"title": "", "url": "https://library.example/new"})
    whole = with_detail_of(said, sent)
    assert (whole["title"], whole["url"]) == ("", "https://library.example/new")
    assert (whole["main_topic"], whole["email"]) == ("14", "a@b.example")
    assert whole.getlist("countries") == ["KEN", "UGA"]
    assert with_detail_of(said, MultiDict({"detail": "1"})).getlist("countries") == []
