"""Delivery status notifications (RFC 3464): what a mail server writes when a mail didn't arrive."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message as Mail

from reviewhub.core.text import clean_line
from reviewhub.notifications.bounces import Report

# Where the address that a report was sent to may stand, the most certain first.
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_TELLING = {"failed": True, "delayed": False}  # the other actions tell that it arrived


def read(content: bytes) -> Report | None:
    """The report in a mail; None where there is none, as in an answer from somebody on holiday."""
    mail = message_from_bytes(content, policy=policy.compat32)
    found = next(_actions(mail), None)
    if found is None:
        return None
    is_permanent, detail = found
    return Report(_address(mail), is_permanent, detail)


def _actions(mail: Mail) -> Iterator[tuple[bool, str]]:
    """What is said of each recipient; ours have one."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            action = _value(block, "Action").lower()
            if action in _TELLING:
                said = (_value(block, "Status"), _diagnosis(block))
                yield _TELLING[action], " ".join(filter(None, said))


def _blocks(part: Mail) -> list[Mail]:
    """The blocks of fields: one for the mail, then one for each recipient."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Mail)] if isinstance(payload, list) else []


def _diagnosis(block: Mail) -> str:
    """The server's own words, without the kind of server in front: "smtp; 550 no such user"."""
    kind, mark, words = _value(block, "Diagnostic-Code").partition(";")
    return words.strip() if mark else kind


def _address(mail: Mail) -> str:
    values = (str(value) for name in _ADDRESSED for value in mail.get_all(name, []))
    return next((clean_line(value) for value in values if "+" in value), "")


def _value(block: Mail, name: str) -> str:
    return clean_line(str(block.get(name, "")))
