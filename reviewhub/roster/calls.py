"""A call for experts: an address of the application form that asks for somebody in particular.

    /roster/apply?topic=14&language=fr

Whoever follows it finds the form filled in so far. A code that the hub does not know is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from reviewhub.roster.answers import MOST_TOPICS
from reviewhub.taxonomy.queries import catalogue


@dataclass(frozen=True)
class Call:
    """Whom a call asks for, as codes of the hub."""

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    country: str = ""

    def __bool__(self) -> bool:
        return bool(self.topics or self.languages or self.country)

    def values(self) -> dict[str, object]:
        """What the address of this call is made of, for `url_for`."""
        found = {
            "topic": list(self.topics), "language": list(self.languages), "country": self.country,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}


def read(given: MultiDict[str, str]) -> Call:
    """The call in the values of an address."""
    country = _known("countries", given.getlist("country"))
    return Call(
        topics=_known("topics", given.getlist("topic"))[:MOST_TOPICS],
        languages=_known("languages", given.getlist("language")),
        country=country[0] if country else "",
    )


def _known(vocabulary: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Those that may be chosen, in the order given and each once."""
    offered = {term.code for term in catalogue().vocabulary(vocabulary)}
    return tuple(code for code in dict.fromkeys(codes) if code in offered)
