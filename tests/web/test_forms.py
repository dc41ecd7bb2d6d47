"""Answers arrive clean, or are refused beside their field."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from wtforms import SelectField, SelectMultipleField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import force_locale
from reviewhub.web.forms import Form
from tests.web.conftest import NoteForm


def _send(browser: FlaskClient, **data: Any) -> dict[str, Any]:
    answer: dict[str, Any] = browser.post("/a/sample/note", data={"title": "Title", **data}).json
    return answer


def test_a_line_arrives_on_one_line_and_trimmed(browser: FlaskClient) -> None:
    sent = _send(browser, title="  one\r\n two\u00a0three ")
    assert sent["valid"]
    assert sent["data"]["title"] == "one two three"


def test_a_text_keeps_its_lines(browser: FlaskClient) -> None:
    assert _send(browser, note=" one\r\n\r\ntwo ")["data"]["note"] == "one\n\ntwo"


@pytest.mark.parametrize("blank", ["", "   ", "\u200b", "\r\n", "\u3000\t"])
def test_a_blank_is_no_answer_to_what_is_required(browser: FlaskClient, blank: str) -> None:
    sent = _send(browser, title=blank)
    assert not sent["valid"]
    assert sent["errors"] == {"title": ["Please answer this."]}


def test_a_field_that_was_not_sent_is_empty_and_never_none(browser: FlaskClient) -> None:
    assert _send(browser)["data"]["note"] == ""
    assert _send(browser)["data"]["subtitle"] == ""


def test_an_answer_that_may_be_left_out_has_a_least_length_only_when_given(
    browser: FlaskClient,
) -> None:
    assert _send(browser, subtitle="")["valid"]
    assert list(_send(browser, subtitle="ab")["errors"]) == ["subtitle"]


def test_the_length_counts_what_is_kept(browser: FlaskClient) -> None:
    assert _send(browser, title="e\u0301" * 20 + "   ")["valid"]
    assert not _send(browser, title="e" * 21)["valid"]


@pytest.mark.parametrize("field", ["title", "subtitle", "note"])
def test_broken_characters_are_asked_for_again(browser: FlaskClient, field: str) -> None:
    answers = {"title": b"Title", field: b"caf\xe9"}
    part = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    response = browser.post(
        "/a/sample/note",
        data=b"".join(part % (name.encode(), said) for name, said in answers.items()) + b"--x--",
        content_type="multipart/form-data; boundary=x",
    )
    errors = response.json["errors"]
    assert errors == {
        field: ["Some characters arrived broken. Please type or paste this once more."]
    }


def test_what_the_domain_refuses_stands_beside_its_field_or_above_the_form(sample: Flask) -> None:
    with sample.test_request_context(method="POST", data={"title": "Title"}):
        form = NoteForm()
        assert form.was_sent_and_is_valid()
        form.refuse(InvalidInput("No such title.", field="title"))
        form.refuse(InvalidInput("Not now."))
        form.refuse(InvalidInput("Not there.", field="elsewhere"))
        assert form.title.errors == ["No such title."]
        assert form.form_errors == ["Not now.", "Not there."]


def test_a_list_is_written_as_wtforms_writes_it(app: Flask) -> None:
    class Asked(Form):
        one = SelectField(
            choices=[
                SelectChoice("", "Choose"), SelectChoice("a", "A & <b>"), SelectChoice("1", "One"),
                SelectChoice("1", Markup("<i>1</i>")),
            ]
        )  # fmt: skip
        several = SelectMultipleField(
            choices=[SelectChoice("a", "A"), SelectChoice("c", "C", {"lang": "fr"})]
        )

    with app.test_request_context():
        for chosen in ("a", "1", ""):
            for _again in range(2):
                form = Asked(meta={"csrf": False}, one=chosen, several=["c"])
                assert form.one() == widgets.Select()(form.one)
                assert form.several() == widgets.Select(multiple=True)(form.several)
    assert "A &amp; &lt;b&gt;" in form.one()


def test_a_list_of_pairs_is_written_as_wtforms_writes_it(app: Flask) -> None:
    pairs = [("", "Choose"), ("a", "A & <b>"), ("1", "One"), ("a", "A once more"), ("b", "")]

    class Asked(Form):
        asked = SelectField("Asked", validators=[InputRequired()], render_kw={"data_x": '"'})
        plain = SelectField("Plain")
        number = SelectField("Number", coerce=int)
        marked = SelectField("Marked")

    with app.test_request_context():
        for chosen in ("a", "1", "", "none of them", None):
            form = Asked(meta={"csrf": False}, asked=chosen, plain=chosen, marked=chosen, number=1)
            form.asked.choices = pairs
            form.plain.choices = tuple(pairs)
            form.number.choices = [(0, "None"), (1, "One")]
            form.marked.choices = [("a", Markup("A & <b>")), ("1", "One")]
            for field in form:
                ours = field(class_="input", disabled=chosen == "1")
                field.widget = widgets.Select()
                assert ours == DefaultMeta().render_field(
                    field, {"class_": "input", "disabled": chosen == "1"}
                )
    assert "A & <b>" in form.marked()


def test_wtforms_own_sentences_are_in_the_readers_language(app: Flask) -> None:
    class Asked(Form):
        one = SelectField(choices=[SelectChoice("a", "A")])

    def sentence(locale: str) -> str:
        with app.test_request_context(method="POST", data={"one": "b"}), force_locale(locale):
            form = Asked(meta={"csrf": False})
            assert not form.validate()
            return str(form.one.errors[0])

    french = sentence("fr")
    assert sentence("en") == "Not a valid choice."
    assert french not in {"Not a valid choice.", ""}
    assert sentence("fr") == french
