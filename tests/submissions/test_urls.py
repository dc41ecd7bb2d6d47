"""Which addresses are taken, when two are the same, and what they name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewhub.core.errors import InvalidInput
from reviewhub.submissions.urls import LONGEST, clean_url, identifiers, url_key

PARTS = st.text(
    st.sampled_from("abcXYZ0149.:/?#&=%-_~@ wé\u0130\u1e9e\u0345\t") | st.characters(), max_size=60
)


@pytest.mark.parametrize(
    ("given_", "cleaned"),
    [
        ("", ""),
        ("  https://a.example/x  ", "https://a.example/x"),
        ("a.example/x", "https://a.example/x"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("https://a.example/\u200bx", "https://a.example/x"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://münchen.example/straße", "https://münchen.example/straße"),
    ],
)
def test_a_web_address_is_taken(given_: str, cleaned: str) -> None:
    assert clean_url(given_) == cleaned


@pytest.mark.parametrize(
    "given_",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://a.example",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/x",
        "mailto:ann@a.example",
        "file:///etc/passwd",
        "https://",
        "https://nodots",
        "https://a.example:port/",
        "https://a.example:99999/",
        "https://ann:secret@a.example/",
        "https://[broken/",
        "https://a.example/with space",
        "https://a.example/" + "x" * LONGEST,
        "nonsense",
    ],
)
def test_anything_else_is_refused_beside_the_link(given_: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_url(given_)
    assert refused.value.field == "url"


@pytest.mark.parametrize(
    "same",
    [
        "https://library.example/x",
        "http://library.example/x",
        "https://www.library.example/x",
        "https://WWW.Library.Example/x",
        "https://library.example/x/",
        "https://library.example/x#chapter-2",
        "https://library.example:443/x",
        "http://library.example:80/x",
        "https://library.example/x?utm_source=mail&utm_medium=m",
        "https://library.example/x?fbclid=abc",
        "  https://library.example/x ",
    ],
)
def test_one_address_has_one_key_however_it_is_written(same: str) -> None:
    assert url_key(same) == "library.example/x"


@pytest.mark.parametrize(
    "other",
    [
        "https://library.example/X",
        "https://library.example/x/y",
        "https://library.example:8080/x",
        "https://library.example/x?page=2",
        "https://other.example/x",
        "https://wwwlibrary.example/x",
    ],
)
def test_another_address_has_another_key(other: str) -> None:
    assert url_key(other) != "library.example/x"


def test_parameters_that_say_something_stay_in_their_order() -> None:
    assert url_key("http://a.example/?b=2&utm_id=1&a=1#x") == "a.example?b=2&a=1"


def test_no_address_has_no_key() -> None:
    assert url_key("") == ""


@settings(deadline=None)
@given(PARTS)
def test_the_key_of_a_key_is_the_key_itself(text: str) -> None:
    key = url_key(text)
    assert url_key(key) == key
    assert url_key(f"https://{key}") == key


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://doi.org/10.1234/ABC.5", {"doi:10.1234/abc.5"}),
        ("https://press.example/doi/pdf/10.1234/abc.5.pdf", {"doi:10.1234/abc.5"}),
        ("https://press.example/doi/10.1234/abc.5/full?x=1", {"doi:10.1234/abc.5"}),
        ("https://press.example/10.1234%2Fabc", {"doi:10.1234/abc"}),
        ("https://shop.example/978-92-9068-789-3", set()),  # the check digit is wrong
        ("https://shop.example/isbn/9783161484100", {"isbn:9783161484100"}),
        ("https://shop.example/978-3-16-148410-0/", {"isbn:9783161484100"}),
        ("https://library.example/10.12/short", set()),
    ],
)
def test_doi_and_isbn_are_found_in_an_address(url: str, names: set[str]) -> None:
    assert identifiers(url) == names


@settings(deadline=None)
@given(PARTS)
def test_names_are_looked_for_in_anything(text: str) -> None:
    assert all(name.startswith(("doi:10.", "isbn:97")) for name in identifiers(text))
