"""The forms of a what-if: what is changed, and the button that does it."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import DataRequired

from reviewhub.core.i18n import _l
from reviewhub.matching.rules import Facet
from reviewhub.reviews.reasons import FACETS
from reviewhub.reviews.tuning import Tuning
from reviewhub.web.forms import Form, line, text

_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class TuningForm(Form):
    """Weights and limits; an empty field is as the policy says. It changes nothing by itself."""

    class Meta:
        csrf = False  # an address: it shows, and does nothing

    open = line(_l("Open reviews that may lie with one person"), most=4, render_kw=_NUMBER)
    rest = line(_l("Days of rest after a review"), most=4, render_kw=_NUMBER)
    more = line(_l("Reviews beyond people’s own limit"), most=4, render_kw=_NUMBER)

    def hint(self, weights: Mapping[str, float], rules: Any) -> None:
        """Show beside each field what the policy says."""
        for facet in Facet:
            self[f"w_{facet}"].render_kw = {
                **_NUMBER, "placeholder": f"{weights.get(facet, 0.0):g}",
            }  # fmt: skip
        self.open.render_kw = {**_NUMBER, "placeholder": str(rules.open_items_cap)}
        self.rest.render_kw = {**_NUMBER, "placeholder": str(rules.rest_days)}
        self.more.render_kw = {**_NUMBER, "placeholder": "0"}

    @property
    def weights(self) -> list[Any]:
        """The fields of the weights, in the order of the facets."""
        return [self[f"w_{facet}"] for facet in Facet]

    def show(self, tuning: Tuning) -> None:
        """Fill in what was changed."""
        for name, value in tuning.query():
            if name in self._fields:
                self[name].data = value


for _facet in Facet:
    setattr(TuningForm, f"w_{_facet}", line(FACETS[_facet.value], most=8, render_kw=_NUMBER))


class AssignForm(Form):
    """Do what was looked at; `seen` is its digest, and `before` whom it named."""

    seen = HiddenField(
        default="", validators=[DataRequired(_l("Look at what would happen first."))]
    )
    before = HiddenField(default="")
    note = text(_l("Why, for the history"), most=1000)


class BatchForm(Form):
    """How the panels of many items are made together."""

    mode = SelectField(
        _l("What counts most"),
        choices=[
            SelectChoice("total", _l("the best fit over all of them")),
            SelectChoice("equal", _l("an even load on the people")),
            SelectChoice("fair", _l("no item that gets much less than the others")),
        ],
        default="total",
    )
