"""Where what people write meets HTTP: headers, redirects, names of files, hosts, spreadsheets."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

import reviewhub
from reviewhub.accounts.models import Person
from reviewhub.submissions.attachments import attach
from reviewhub.web.addresses import absolute
from reviewhub.web.downloads import send_upload
from reviewhub.web.proxy import HostGuard
from tests.factories import Factory

ROOT = Path(reviewhub.__file__).parent
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
INJECTED = ("\r\nSet-Cookie: stolen=1", "\nX-Injected: 1", "\rX-Injected: 1", "%0d%0aX-Injected: 1",
            "\u2028X-Injected: 1", "\x00X-Injected: 1")  # fmt: skip
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "///evil.example", "javascript:alert(1)",
    "data:text/html,x", "evil.example", " //evil.example", "http:evil.example",
    "/%09/evil.example/..//evil.example\\",
)  # fmt: skip


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        if "versions" not in path.parts:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def is_clean(response: Any) -> bool:
    """Whether nothing that was sent became a header of its own, or ended one."""
    names = {name.lower() for name, _value in response.headers}
    ends = any(sign in value for _name, value in response.headers for sign in "\r\n\0")
    cookies = " ".join(response.headers.getlist("Set-Cookie"))
    return "x-injected" not in names and "stolen" not in cookies and not ends


# -- headers --


@pytest.mark.parametrize("tail", INJECTED)
@pytest.mark.parametrize("name", ["report", "Größe \"a\"; b='c'", "../../etc/passwd", "отчёт"])
def test_a_files_name_never_leaves_its_header(
    app: Flask, tmp_path: Path, name: str, tail: str
) -> None:
    (tmp_path / "kept").write_bytes(PDF)
    with app.test_request_context("/"):
        response = send_upload(
            tmp_path, "kept", name=f"{name}{tail}.pdf", media_type="application/pdf"
        )
        assert is_clean(response)
        disposition = response.headers["Content-Disposition"]
        response.close()
    assert disposition.startswith("attachment; filename")
    assert disposition.isascii()


def test_a_name_in_another_script_is_written_as_rfc_5987_wants_it(
    sign_in: Any, make: Factory, editor: Person
) -> None:
    submission = make.submission()
    kept = attach(submission, "Отчёт № 1, «итог».pdf", PDF)
    answer = sign_in(editor).get(f"/submissions/{submission.ref}/files/{kept.id}")
    found = re.search(r"filename\*=UTF-8''([^;]+)", answer.headers["Content-Disposition"])
    assert found
    assert unquote(found.group(1)) == kept.name
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    answer.close()


@pytest.fixture
def editor(make: Factory) -> Person:
    """An editor."""
    return make.editor()


@pytest.mark.parametrize("tail", INJECTED)
def test_nothing_in_an_address_becomes_a_header(
    client: FlaskClient, make: Factory, tail: str
) -> None:
    ref, evil = make.submission().ref, quote(tail)
    for path in (f"/submissions/{ref}{evil}", f"/suggest?url={evil}", f"/resources/x{evil}",
                 f"/?{evil}", f"/library?q={evil}&next={evil}", f"/sign-in?next=/x{evil}",
                 f"/submissions/{ref}?key={evil}"):  # fmt: skip
        assert is_clean(client.get(path)), path


@pytest.mark.parametrize("tail", INJECTED)
def test_nothing_in_a_form_becomes_a_header(client: FlaskClient, make: Factory, tail: str) -> None:
    make.person(email="ada@post.example")
    for path, data in (
        ("/suggest/save", {"title": f"A title{tail}", "url": f"https://a.example/{tail}"}),
        ("/language", {"locale": f"en{tail}", "next": f"/x{tail}"}),
        ("/sign-in", {"email": f"ada@post.example{tail}", "password": tail, "next": f"/x{tail}"}),
        ("/reset", {"email": f"ada@post.example{tail}"}),
    ):
        answer = client.post(path, data=data)
        assert answer.status_code < 500
        assert is_clean(answer), path


# -- redirects --


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_target_of_a_visitor_leads_elsewhere(client: FlaskClient, target: str) -> None:
    """Signing in with `next` has tests of its own, in accounts."""
    went = client.post("/language", data={"locale": "en", "next": target}).headers["Location"]
    parts = urlsplit(went.replace("\\", "/"))
    assert (parts.scheme, parts.netloc) == ("", "")
    assert not re.match(r"[/\\\s]{2}", went)


# Redirects that take something else than an address of ours built on the spot, each looked at:
# these functions only build addresses of routes, or pass on what `own_path` has let through.
BUILDERS = {
    "url_for", "own_path", "home", "_to", "own_address", "_address", "_back", "_next_page", "_here",
    "_hand_in", "_done", "_home", "page_of",
}  # fmt: skip
OUTSIDE = {"accounts/views/providers.py"}  # to the provider's page, whose address Authlib builds
# What a form of our own says it came from is held against both names of this site.
ASKS_FOR_ORIGIN = {"accounts/views/notices.py"}


@pytest.mark.lasting
def test_every_redirect_is_to_a_route_by_its_name() -> None:
    unknown = []
    for path, tree in sources():
        for node in ast.walk(tree):
            is_redirect = isinstance(node, ast.Call) and ast.unparse(node.func) == "redirect"
            if not is_redirect or path in OUTSIDE:
                continue
            names = {ast.unparse(n.func) for n in ast.walk(node.args[0]) if isinstance(n, ast.Call)}
            variables = {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)}
            if not (names & BUILDERS or variables <= _built(tree)):
                unknown.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
    assert unknown == []


def _built(tree: ast.Module) -> set[str]:
    """Names that only ever hold what one of the builders made."""
    held: dict[str, list[bool]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            calls = {ast.unparse(n.func) for n in ast.walk(node.value) if isinstance(n, ast.Call)}
            for target in ast.walk(node.targets[0]):
                if isinstance(target, ast.Name):
                    held.setdefault(target.id, []).append(bool(calls & BUILDERS))
    return {name for name, good in held.items() if all(good)}


@pytest.mark.lasting
def test_nothing_else_writes_the_header_of_a_redirect() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in {"Location", "Refresh"}:
                assert path in {"core/fetch.py", *OUTSIDE}, path


# -- hosts --


def test_an_unknown_host_is_refused_before_anything_is_done(app: Flask) -> None:
    guarded = HostGuard(app.wsgi_app, "https://hub.example")
    seen: list[str] = []
    for host in ("evil.example", "hub.example.evil.example", "", "hub.example@evil.example",
                 "[", "evil.example:443"):  # fmt: skip
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": host, "SERVER_NAME": "x",
            "SERVER_PORT": "80", "wsgi.url_scheme": "http",
        }  # fmt: skip
        list(guarded(environ, lambda status, _headers, *_more: seen.append(status)))  # type: ignore[arg-type]
    assert {status[:3] for status in seen} == {"400"}


def test_a_whole_address_is_the_settings_and_never_the_requests(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://evil.example"):
        assert absolute("library.front") == "http://localhost/"


def test_no_page_names_the_host_that_it_was_asked_by(client: FlaskClient) -> None:
    for path in ("/", "/library", "/suggest", "/sign-in", "/how-we-review"):
        page = client.get(path, base_url="http://evil.example", follow_redirects=False)
        assert "evil.example" not in page.get_data(as_text=True)
        assert "evil.example" not in page.headers.get("Location", "")


@pytest.mark.lasting
def test_no_code_lets_a_request_say_what_we_are_called() -> None:
    told = {"url_root", "host_url", "base_url", "host", "url"}
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                external = [k for k in node.keywords if k.arg == "_external"]
                # Mails are rendered in a context made from the settings.
                assert not external or path == "notifications/rendering.py", path
            if isinstance(node, ast.Attribute) and path not in ASKS_FOR_ORIGIN:
                named = ast.unparse(node.value) == "request" and node.attr in told
                assert not named, f"{path}: request.{node.attr}"


# -- spreadsheets --

WRITERS = {"csv.writer", "csv.DictWriter"}


@pytest.mark.lasting
def test_every_file_for_spreadsheets_goes_through_the_one_that_disarms_it() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in WRITERS:
                assert path == "web/spreadsheets.py", path
            if isinstance(node, ast.Constant) and node.value == "text/csv":
                assert path == "web/spreadsheets.py", path
