"""Errors the domain raises: each is a sentence for the person; web/errors.py gives it a page."""


class DomainError(Exception):
    """Something a person asked for that the rules do not allow."""

    status = 400

    def __init__(self, sentence: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class InvalidInput(DomainError):
    """What was sent can't be used; `field` names the answer it is about, where there is one."""

    status = 422

    def __init__(self, sentence: object, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowed(DomainError):
    """The person may not do this, whatever the state."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or none that this person may know of."""

    status = 404


class WrongState(DomainError):
    """The thing has moved on: somebody was first, or the step is not open yet."""

    status = 409


class LinkExpired(DomainError):
    """A link from a mail that no longer opens anything."""

    status = 410
