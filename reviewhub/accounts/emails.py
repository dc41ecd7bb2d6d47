"""What is said about accounts: one function per mail, called in the transaction of its cause."""

from datetime import timedelta

from reviewhub.accounts.models import Link, Person
from reviewhub.accounts.queries import recipient
from reviewhub.core import clock
from reviewhub.notifications.outbox import page, tell

AT_MOST_EVERY = timedelta(minutes=10)  # however often somebody asks


def register(person: Person, link: Link) -> None:
    """To whoever wants an account: the link to choose a password by."""
    target = page("accounts.choose_password", link_id=link.id)
    tell(
        "accounts/register", recipient(person), person,
        target=target, occurrence=_occurrence(link), hours=24,
    )  # fmt: skip


def reset(person: Person, link: Link) -> None:
    """To whoever has an account: the link to a new password."""
    target = page("accounts.choose_password", link_id=link.id)
    tell(
        "accounts/reset", recipient(person), person,
        target=target, occurrence=_occurrence(link), minutes=60,
    )  # fmt: skip


def password_changed(person: Person) -> None:
    """To the person: the password is another one now; what to do if it was not them."""
    tell(
        "accounts/password_changed", recipient(person), person,
        target=page("accounts.reset"), occurrence=clock.now().isoformat(),
    )  # fmt: skip


def _occurrence(link: Link) -> str:
    """One mail per span of time and unused link, so that nobody's mailbox can be flooded."""
    return f"{link.epoch}:{int(clock.now().timestamp() // AT_MOST_EVERY.total_seconds())}"
