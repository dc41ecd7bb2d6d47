"""The base form, and text fields that clean what they are given."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from babel.support import Translations
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, StringField, TextAreaField, widgets
from wtforms.fields.choices import Choice
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import html_params

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.core.text import clean, clean_line

_REPLACEMENT = "\ufffd"  # what undecodable bytes become


class Select(widgets.Select):
    """A list to choose from. Its options are the same on every page, and there may be hundreds:
    each is written once."""

    def __call__(self, field: Any, **attributes: Any) -> Any:
        """The whole list. WTForms makes three objects of each choice; pairs of texts need none."""
        choices = field.choices
        if self.multiple or field.coerce is not str or not _are_pairs_of_texts(choices):
            return super().__call__(field, **attributes)
        flags = {name: getattr(field.flags, name) or False for name in self.validation_attrs}
        start = html_params(**{"id": field.id, "name": field.name, **flags, **attributes})
        options = (_option(value, label, value == field.data) for value, label in choices)
        return Markup(f"<select {start}>{''.join(options)}</select>")  # noqa: S704 -- of such only

    @classmethod
    def render_option(cls, choice: Any, **attributes: Any) -> Any:
        """One option; kept only where plain texts are all it depends on."""
        plain = type(choice.value) is str and type(choice.label) is str
        if attributes or choice.render_kw or not plain:
            return super().render_option(choice, **attributes)
        return _option(choice.value, choice.label, choice.selected)


def _are_pairs_of_texts(choices: Any) -> bool:
    return isinstance(choices, list | tuple) and all(
        type(pair) is tuple and len(pair) == 2 and type(pair[0]) is str and type(pair[1]) is str
        for pair in choices
    )


@lru_cache(maxsize=5_000)
def _option(value: str, label: str, selected: bool) -> Any:
    return widgets.Select.render_option(Choice(value, label, selected, {}))


@lru_cache(maxsize=20)
def _sentences(locale: str) -> Any:
    return Translations.load(messages_path(), [locale], domain="wtforms")


class Form(FlaskForm):
    """A form with a CSRF token that lives as long as its session."""

    class Meta(FlaskForm.Meta):
        """How its fields are written, and in which language WTForms itself speaks."""

        def get_translations(self, form: Any) -> Any:
            """WTForms' own sentences, read once instead of with every form."""
            return _sentences(get_locale())

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            """The field as HTML."""
            if type(field.widget) is widgets.Select:
                field.widget = Select(multiple=field.widget.multiple)
            return super().render_field(field, render_kw)

    def was_sent_and_is_valid(self) -> bool:
        """Whether this request sends the form, and every answer holds."""
        return bool(self.validate_on_submit())

    def refuse(self, error: InvalidInput) -> None:
        """Show what the domain refused beside the field it is about, else above the form."""
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


def _readable(form: Any, field: Field) -> None:
    if field.data and _REPLACEMENT in field.data:
        raise ValidationError(
            _("Some characters arrived broken. Please type or paste this once more.")
        )


def _cleaned(clean_up: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean_up(value) if isinstance(value, str) else value


def line(
    label: object, *, most: int, least: int = 0, required: bool = False, **options: Any
) -> StringField:
    """A one-line answer of `least` to `most` characters."""
    return StringField(
        label,
        default="",
        filters=[_cleaned(clean_line)],
        validators=_validators(least, most, required, options.pop("validators", ())),
        **options,
    )


def text(
    label: object, *, most: int, least: int = 0, required: bool = False, **options: Any
) -> TextAreaField:
    """A longer answer of `least` to `most` characters."""
    return TextAreaField(
        label,
        default="",
        filters=[_cleaned(clean)],
        validators=_validators(least, most, required, options.pop("validators", ())),
        **options,
    )


def _validators(least: int, most: int, required: bool, further: Sequence[Any]) -> list[Any]:
    first = DataRequired(_l("Please answer this.")) if required else Optional()
    within = (
        _l("Please write %(min)d to %(max)d characters; this has %(length)d.")
        if least
        else _l("Please write at most %(max)d characters; this has %(length)d.")
    )
    return [first, _readable, Length(min=least, max=most, message=within), *further]
