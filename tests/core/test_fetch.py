"""An address that somebody gives is read, and leads nowhere that is not public."""

import contextlib
import gzip
import ipaddress
import ssl
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.core.fetch import (
    MOST_REDIRECTS,
    FetchError,
    Refused,
    Rules,
    TooSlow,
    Unreachable,
    Unreadable,
    is_public,
    resolved,
    safe_fetch,
)
from tests.webserver import Site, page, raw, serving, status, to

pytestmark = pytest.mark.usefixtures("app")

# Each is somewhere inside, or another way to write it.
INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%1", "fec0::1", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
          "2606:4700:4700::1111", "2a00:1450::1", "2003::1"]  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on this machine."""
    with serving() as site:
        yield site


# -- what is read --


def test_a_page_comes_with_its_type_and_final_address(site: Site) -> None:
    site.answers["/a?b=1"] = page(
        b"<title>Hi</title>",
        Content_Type='Text/HTML; charset="UTF-8"',
        ETag='"v1"',
        Last_Modified="Mon, 02 Mar 2026 09:00:00 GMT",
    )
    got = safe_fetch(site.url("/a?b=1#part"), rules=site.rules())
    assert (got.status, got.content, got.truncated) == (200, b"<title>Hi</title>", False)
    assert (got.media_type, got.charset) == ("text/html", "utf-8")
    assert got.final_url == site.url("/a?b=1")
    assert (got.etag, got.last_modified) == ('"v1"', "Mon, 02 Mar 2026 09:00:00 GMT")


def test_we_say_who_we_are_and_carry_nothing_else(site: Site) -> None:
    site.answers["/"] = page(b"", Set_Cookie="id=1")
    site.answers["/again"] = to("/", 301)
    safe_fetch(site.url("/again"), rules=site.rules())
    (_first, headers), (_second, again) = site.asked
    assert headers["User-Agent"] == "ReviewHub (+http://localhost)"
    assert headers["Host"] == f"site.example:{site.server_port}"
    for name in ("Cookie", "Referer", "Authorization"):
        assert name not in again


def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    site.answers["/"] = status(304)
    got = safe_fetch(site.url(), etag='"v1"', last_modified="yesterday", rules=site.rules())
    assert (got.status, got.content) == (304, b"")
    assert site.asked[0][1]["If-None-Match"] == '"v1"'
    assert site.asked[0][1]["If-Modified-Since"] == "yesterday"


@pytest.mark.parametrize("code", [204, 401, 404, 410, 429, 500, 503])
def test_an_answer_without_the_page_is_told_by_its_status(site: Site, code: int) -> None:
    site.answers["/"] = page(b"" if code == 204 else b"<h1>No</h1>", code=code)
    got = safe_fetch(site.url(), rules=site.rules())
    assert (got.status, got.content) == (code, b"")


def test_redirects_are_followed_and_said_to_be_for_good_or_not(site: Site) -> None:
    site.answers |= {"/old": to("/new", 301), "/now": to("/old", 302), "/new": page(b"x")}
    for_good = safe_fetch(site.url("/old"), rules=site.rules())
    assert (for_good.final_url, for_good.moved_for_good) == (site.url("/new"), True)
    assert not safe_fetch(site.url("/now"), rules=site.rules()).moved_for_good
    assert not safe_fetch(site.url("/new"), rules=site.rules()).moved_for_good


def test_an_address_in_any_script_is_written_as_the_web_wants_it(site: Site) -> None:
    site.answers["/%C3%A4%20b?q=%D0%B6"] = page(b"x")
    got = safe_fetch(site.url("/ä b?q=ж", host="bücher.example"), rules=site.rules())
    assert got.final_url == site.url("/%C3%A4%20b?q=%D0%B6", host="xn--bcher-kva.example")


def test_a_redirect_written_in_utf8_is_followed(site: Site) -> None:
    head = "HTTP/1.0 301 Moved\r\nLocation: /ж\r\n\r\n".encode()
    site.answers |= {"/": raw(head), "/%D0%B6": page(b"x")}
    assert safe_fetch(site.url(), rules=site.rules()).content == b"x"


# -- where one may go --


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
def test_nothing_that_python_holds_for_private_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.is_private or address.is_multicast or address.is_loopback or address.is_link_local:
        assert not is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    rules = Rules(resolve=lambda _host, _port: [address])
    with pytest.raises(Refused):
        safe_fetch("http://innocent.example/", rules=rules)


def test_a_name_is_refused_when_one_of_its_addresses_leads_inside() -> None:
    rules = Rules(resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Refused):
        safe_fetch("http://innocent.example/", rules=rules)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0", "localhost",
     "localhost.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.0.0.1", "127.0.0.1.",
     "169.254.169.254", "2852039166", "[fe80::1]", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_this_machine_is_refused_however_it_is_written(site: Site, host: str) -> None:
    """Asked of the system's own resolver, which knows all these forms."""
    rules = Rules(ports=frozenset({site.server_port}))
    with pytest.raises((Refused, Unreachable)):
        safe_fetch(f"http://{host}:{site.server_port}/", rules=rules)
    assert site.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/secret", "http://[::1]:{port}/secret", "//2130706433:{port}/secret",
     "http://0177.0.0.1:{port}/secret", "http://169.254.169.254/latest/meta-data/",
     "http://localhost:{port}/secret", "file:///etc/passwd", "gopher://x.example/", "ftp://x.example/",
     "http://site.example:22/", "http://user:secret@site.example:{port}/secret",
     "javascript:alert(1)", "http://[", "https://exa%6dple"],
)  # fmt: skip
def test_a_redirect_is_looked_at_like_a_first_address(site: Site, target: str) -> None:
    def asked(host: str, port: int) -> list[str]:
        return ["127.0.0.2"] if host == "site.example" else list(resolved(host, port))

    with serving(address="127.0.0.2", port=site.server_port) as public:  # as if it were
        port = public.server_port
        public.answers["/"] = to(target.format(port=port))
        site.answers["/secret"] = public.answers["/secret"] = page(b"secret")
        allowed = (ipaddress.ip_network("127.0.0.2/32"),)
        with pytest.raises(FetchError):
            safe_fetch(public.url(), rules=Rules(frozenset({port, 80}), allowed, asked))
        assert [path for path, _headers in public.asked] == ["/"]
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    ["", "site.example", "ftp://site.example/", "file:///etc/passwd", "http:///x", "https://",
     "http://user@site.example/", "http://user:pw@site.example/", "http://@site.example/",
     "http://site.example:22/", "http://site.example:x/", "http://site.example:99999/",
     "http://[::1", "http://" + "a" * 70 + ".example/", "http://a.example/" + "x" * 4000,
     "http://a..example/"],
)  # fmt: skip
def test_an_address_that_is_none_of_the_web_is_refused_before_anything_is_asked(url: str) -> None:
    def never(_host: str, _port: int) -> list[str]:
        raise AssertionError

    with pytest.raises(Refused):
        safe_fetch(url, rules=Rules(resolve=never))


def test_a_name_that_changes_its_mind_is_asked_once(site: Site) -> None:
    """The connection goes to the address that was looked at, whatever the name says next."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    site.answers["/"] = page(b"first")
    rules = site.rules(resolve=lambda _host, _port: next(answers))
    assert safe_fetch(site.url(), rules=rules).content == b"first"
    assert next(answers) == ["169.254.169.254"]


def test_a_name_that_turns_inside_between_two_redirects_is_refused(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    site.answers["/"] = to("/next")
    with pytest.raises(Refused):
        safe_fetch(site.url(), rules=site.rules(resolve=lambda _host, _port: next(answers)))


def test_the_second_address_of_a_name_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    site.answers["/"] = page(b"x")
    rules = site.rules(
        resolve=lambda _host, _port: ["127.0.0.3", "127.0.0.1"],
        allowed=(ipaddress.ip_network("127.0.0.0/8"),),
    )
    assert safe_fetch(site.url(), rules=rules).content == b"x"


def test_refused_and_unreachable_read_the_same() -> None:
    assert str(Refused()) == str(Unreachable())


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        safe_fetch("http://nobody.invalid/")


def test_a_port_where_nobody_listens_is_unreachable(site: Site) -> None:
    rules, url = site.rules(), site.url()
    site.server_close()
    with pytest.raises(Unreachable):
        safe_fetch(url, rules=rules)


# -- how long and how much --


def slowly(content: bytes, pause: float):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        for byte in content:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(pause)

    return answer


@pytest.mark.lasting
@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_a_server_that_trickles_is_left_at_the_deadline(site: Site, head: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        slowly(b"HTTP/1.0 200 OK" + b"x" * 100, 0.02)(handler)

    site.answers["/"] = answer
    began = time.monotonic()
    with pytest.raises(TooSlow):
        safe_fetch(site.url(), seconds=0.3, rules=site.rules())
    assert time.monotonic() - began < 1


@pytest.mark.lasting
def test_the_deadline_holds_for_all_redirects_together(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.15)
        to("/")(handler)

    site.answers["/"] = answer
    with pytest.raises(TooSlow):
        safe_fetch(site.url(), seconds=0.3, rules=site.rules())


@pytest.mark.lasting
def test_a_resolver_that_hangs_is_left_at_the_deadline() -> None:
    def hanging(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return []

    began = time.monotonic()
    with pytest.raises(TooSlow):
        safe_fetch("http://site.example/", seconds=0.2, rules=Rules(resolve=hanging))
    assert time.monotonic() - began < 0.8


def test_a_long_page_is_cut_at_the_bound(site: Site) -> None:
    site.answers["/"] = page(b"x" * 5000)
    got = safe_fetch(site.url(), limit=1000, rules=site.rules())
    assert (len(got.content), got.truncated) == (1000, True)
    whole = safe_fetch(site.url(), limit=5000, rules=site.rules())
    assert (len(whole.content), whole.truncated) == (5000, False)


def test_a_page_without_an_end_is_cut_at_the_bound(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 8192)

    site.answers["/"] = answer
    assert len(safe_fetch(site.url(), limit=100_000, rules=site.rules()).content) == 100_000


def test_a_packed_page_is_unpacked(site: Site) -> None:
    site.answers["/"] = page(gzip.compress(b"<p>hello</p>"), Content_Encoding="gzip")
    assert safe_fetch(site.url(), rules=site.rules()).content == b"<p>hello</p>"
    site.answers["/"] = page(zlib.compress(b"<p>hello</p>"), Content_Encoding="deflate")
    assert safe_fetch(site.url(), rules=site.rules()).content == b"<p>hello</p>"


@pytest.mark.lasting
def test_a_small_page_that_unpacks_to_a_huge_one_is_cut_at_the_bound(site: Site) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 200_000_000, 9), 9)
    bomb = gzip.decompress(bomb)  # 200 MB in 200 kB
    site.answers["/"] = page(bomb, Content_Encoding="gzip")
    began = time.process_time()
    got = safe_fetch(site.url(), limit=100_000, rules=site.rules())
    assert (len(got.content), got.truncated) == (100_000, True)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "x" * 50])
def test_a_packing_that_was_not_asked_for_is_unreadable(site: Site, encoding: str) -> None:
    site.answers["/"] = page(b"x", Content_Encoding=encoding)
    with pytest.raises(Unreadable):
        safe_fetch(site.url(), rules=site.rules())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n" + b"X: " + b"x" * 60_000 + b"\r\nY: " + b"y" * 60_000 + b"\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02P",
        b"HTTP/1.0 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed",
    ],
)
def test_what_is_no_answer_of_a_web_server_is_unreadable(site: Site, answer: bytes) -> None:
    site.answers["/"] = raw(answer)
    with pytest.raises((Unreadable, Unreachable)):
        safe_fetch(site.url(), rules=site.rules())


def test_redirects_in_a_circle_end(site: Site) -> None:
    site.answers["/"] = to("/")
    with pytest.raises(Unreadable):
        safe_fetch(site.url(), rules=site.rules())
    assert len(site.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("target", ["http://[", "http://x:y/", "\x01"])
def test_a_redirect_to_nowhere_is_an_error_and_no_crash(site: Site, target: str) -> None:
    site.answers["/"] = raw(f"HTTP/1.0 302 Found\r\nLocation: {target}\r\n\r\n".encode())
    site.answers["/%01"] = status(404)
    with contextlib.suppress(FetchError):
        assert safe_fetch(site.url(), rules=site.rules()).status == 404


# -- encrypted --


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for site.example that only these tests trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "site.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[Site]:
    """The server, encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as site:
        site.answers["/"] = page(b"encrypted")
        yield site


def test_the_certificate_is_held_against_the_name_and_not_the_address(
    encrypted: Site, certificate: Path
) -> None:
    rules = encrypted.rules(trust=ssl.create_default_context(cafile=str(certificate)))
    url = encrypted.url().replace("http:", "https:")
    assert safe_fetch(url, rules=rules).content == b"encrypted"
    with pytest.raises(Unreachable):
        safe_fetch(url.replace("site.example", "other.example"), rules=rules)


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted: Site) -> None:
    with pytest.raises(Unreachable):
        safe_fetch(encrypted.url().replace("http:", "https:"), rules=encrypted.rules())
