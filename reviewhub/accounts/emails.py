"""What is said about accounts: one function per mail, called in the transaction of its cause."""

from datetime import timedelta

from reviewhub.accounts.models import Link, Person
from reviewhub.accounts.queries import recipient, with_role
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.i18n import _l
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import page, tell

AT_MOST_EVERY = timedelta(minutes=10)  # however often somebody asks


@mail(_l("Account to be confirmed"), after=("people.register",))
def register(person: Person, link: Link) -> None:
    """To whoever wants an account: the link to choose a password by."""
    target = page("accounts.choose_password", link_id=link.id)
    tell(
        "accounts/register", recipient(person), person,
        target=target, occurrence=_occurrence(link), hours=24,
    )  # fmt: skip


@mail(_l("New password asked for"), after=("people.reset",))
def reset(person: Person, link: Link) -> None:
    """To whoever has an account: the link to a new password."""
    target = page("accounts.choose_password", link_id=link.id)
    tell(
        "accounts/reset", recipient(person), person,
        target=target, occurrence=_occurrence(link), minutes=60,
    )  # fmt: skip


@mail(_l("Password changed"), after=("people.choose_password", "people.change_password"))
def password_changed(person: Person) -> None:
    """To the person: the password is another one now; what to do if it was not them."""
    tell(
        "accounts/password_changed", recipient(person), person,
        target=page("accounts.reset"), occurrence=clock.now().isoformat(),
    )  # fmt: skip


@mail(_l("Sign-in to be connected"), after=("people.ask_to_connect",))
def connect_identity(person: Person, link: Link, provider: str) -> None:
    """To an address that somebody says is theirs: the link to sign in with the provider by."""
    tell(
        "accounts/connect_identity", recipient(person), person,
        target=page("accounts.connect", link_id=link.id), occurrence=_occurrence(link),
        provider=provider,
    )  # fmt: skip


@mail(_l("Sign-in connected"), after=("people.connect_identity",))
def identity_connected(person: Person, provider: str) -> None:
    """To the person: there is one more way into their account; what to do if it was not them."""
    tell(
        "accounts/identity_connected", recipient(person), person,
        target=page("accounts.account"), occurrence=clock.now().isoformat(), provider=provider,
    )  # fmt: skip


@mail(_l("An address that mail does not reach"), after=("people.bounce",), can_wait=Kind.ARRIVALS)
def bounce(person: Person, said: str) -> None:
    """To the administrators: mail to somebody comes back, and what the mail server said."""
    since = person.bouncing_since
    assert since is not None  # the caller has just marked it
    for admin in with_role(Role.ADMIN):
        if admin.id != person.id:
            tell(
                "accounts/bounce", recipient(admin), person,
                target=page("accounts.correct_address", person_id=person.id),
                occurrence=since.isoformat(), name=person.shown_name, address=person.email,
                said=said,
            )  # fmt: skip


def _occurrence(link: Link) -> str:
    """One mail per span of time and unused link, so that nobody's mailbox can be flooded."""
    return f"{link.epoch}:{int(clock.now().timestamp() // AT_MOST_EVERY.total_seconds())}"
