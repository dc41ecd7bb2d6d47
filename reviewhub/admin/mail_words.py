"""What each mail is about, as the packages that send them say it."""

from reviewhub.accounts import emails as accounts
from reviewhub.admin import emails as admin
from reviewhub.core.i18n import _l
from reviewhub.library import emails as library
from reviewhub.reviews import emails as reviews
from reviewhub.roster import emails as roster
from reviewhub.submissions import emails as submissions

_ABOUT = {
    "accounts": accounts.ABOUT,
    "admin": admin.ABOUT,
    "library": library.ABOUT,
    "notifications": {"digest": _l("What happened, in one mail")},
    "reviews": reviews.ABOUT,
    "roster": roster.ABOUT,
    "submissions": submissions.ABOUT,
}
EVENTS = {
    f"{package}/{verb}": words for package, mails in _ABOUT.items() for verb, words in mails.items()
}


def words(event: str) -> str:
    """What a mail of this event is about; its verb where nobody wrote words for it."""
    return str(EVENTS.get(event) or event.rpartition("/")[2].replace("_", " ").strip())
