"""The coverage board in words: how well something is covered, and what is lacking."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from babel.lists import format_list

from reviewhub.admin.coverage.board import Gap, Needs, Standing
from reviewhub.admin.coverage.gender import Group
from reviewhub.core.i18n import _, _l, get_locale, ngettext
from reviewhub.reviews.workflow import Slot
from reviewhub.roster.models import Gender
from reviewhub.taxonomy.catalogue import collation_key
from reviewhub.taxonomy.queries import catalogue

STANDINGS: Mapping[Standing, str] = {
    Standing.NOBODY: _l("nobody"),
    Standing.ONE_KIND: _l("one kind only"),
    Standing.FEW: _l("too few for a panel"),
    Standing.ENOUGH: _l("enough"),
}
_GENDERS: Mapping[Gender | None, str] = {
    Gender.WOMAN: _l("women"),
    Gender.MAN: _l("men"),
    Gender.ANOTHER: _l("another answer"),
    None: _l("not said"),
}


def kind_label(kind: Slot) -> str:
    """What the hub calls reviewers of a kind."""
    hub, locale = catalogue(), get_locale()
    named = hub.internal_label if kind is Slot.INTERNAL else hub.external_label
    return named(locale).text


def need_words(needs: Needs) -> str:
    """What a panel needs of each topic, in a sentence."""
    said = ngettext("A panel has %(num)d seat.", "A panel has %(num)d seats.", needs.seats)
    kinds = ((Slot.INTERNAL, needs.topic.internal), (Slot.EXTERNAL, needs.topic.external))
    for kind, number in kinds:
        if number:
            said += " " + ngettext(
                "At least %(num)d is for %(kind)s reviewers.",
                "At least %(num)d are for %(kind)s reviewers.",
                number,
                kind=kind_label(kind),
            )
    if not needs.tie_breakers:
        return said
    return f"{said} " + ngettext(
        "When it disagrees, %(num)d more is asked.",
        "When it disagrees, %(num)d more are asked.",
        needs.tie_breakers,
    )


def sentences(gaps: Iterable[Gap], needs: Needs) -> list[str]:
    """What is lacking of one topic, with languages and regions of the same lack in one sentence."""
    said: list[str] = []
    lists: defaultdict[tuple[str, Slot | None], list[str]] = defaultdict(list)
    for gap in gaps:
        if gap.vocabulary == "topics":
            said.append(_of_topic(gap, needs))
        else:
            lists[gap.vocabulary, gap.kind].append(_label(gap.vocabulary, gap.code))
    return [*said, *(_of_list(*key, labels) for key, labels in lists.items())]


def group_words(group: Group) -> str:
    """Whom a group of the shares by gender is made of."""
    words = [str(_GENDERS[answer]) for answer in group.answers]
    return str(format_list(words, style="or", locale=get_locale()))


def _of_topic(gap: Gap, needs: Needs) -> str:
    if gap.standing is Standing.NOBODY:
        return _("Nobody can judge it.")
    if gap.kind is not None:
        return _("No %(kind)s reviewer can judge it.", kind=kind_label(gap.kind))
    for kind, has, wants in (
        (Slot.INTERNAL, gap.heads.internal, needs.topic.internal),
        (Slot.EXTERNAL, gap.heads.external, needs.topic.external),
    ):
        if has < wants:
            return ngettext(
                "Only %(num)d %(kind)s reviewer can judge it; a panel needs %(wants)d.",
                "Only %(num)d %(kind)s reviewers can judge it; a panel needs %(wants)d.",
                has,
                kind=kind_label(kind),
                wants=wants,
            )
    return ngettext(
        "Only %(num)d reviewer can judge it; a panel that disagrees needs %(wants)d.",
        "Only %(num)d reviewers can judge it; a panel that disagrees needs %(wants)d.",
        gap.heads.both,
        wants=needs.topic.members,
    )


def _of_list(vocabulary: str, kind: Slot | None, labels: Sequence[str]) -> str:
    locale = get_locale()
    listed = format_list(
        sorted(labels, key=lambda label: collation_key(label, locale)), style="or", locale=locale
    )
    if vocabulary == "languages":
        if kind is None:
            return _("Nobody reads %(languages)s.", languages=listed)
        kind_word = kind_label(kind)
        return _("No %(kind)s reviewer reads %(languages)s.", kind=kind_word, languages=listed)
    if kind is None:
        return _("Nobody knows %(regions)s.", regions=listed)
    return _("No %(kind)s reviewer knows %(regions)s.", kind=kind_label(kind), regions=listed)


def _label(vocabulary: str, code: str) -> str:
    term = catalogue().find(vocabulary, code)
    return term.label(get_locale()).text if term else code
