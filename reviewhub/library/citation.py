"""How a resource is cited: one line of text that a reader may copy."""

from reviewhub.core.i18n import _
from reviewhub.library.models import Resource

_MOST_AUTHORS = 3


def citation(resource: Resource, address: str) -> str:
    """ "Author (2021). Title. Publisher. https://…"; parts that are not known are left out.

    `address` is where the library shows it, for a resource without an address of its own.
    """
    who = _authors(resource) or resource.publisher
    year = resource.published_on[:4] or str(_("n.d."))
    parts = [f"{who} ({year})" if who else f"({year})", resource.title]
    if resource.publisher and resource.publisher != who:
        parts.append(resource.publisher)
    parts.append(resource.url or address)
    return ". ".join(part.rstrip(".") for part in parts)


def _authors(resource: Resource) -> str:
    names = [str(name) for name in resource.authors]
    if len(names) > _MOST_AUTHORS:
        return str(_("%(first)s et al.", first=names[0])).rstrip(".")
    return "; ".join(names)
