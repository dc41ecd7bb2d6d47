"""A mailbox of files, newest first: what the demo's mail sink keeps and its mailbox page shows.

A mail is one file, `new/<moment>-<hash of its Message-ID>.eml`, moved into place when it is
complete and on disk. Above the mail as it came stand two lines of ours with the envelope.
"""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from reviewhub.core import clock
from reviewhub.core.text import clean_line, normalise_email

MOST_SEARCHED = 5_000
LONGEST_TEXT = 200_000  # characters
_MOMENT = "%Y%m%dT%H%M%S.%f"
_ID = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{16}")


@dataclass(frozen=True)
class MailView:
    """One mail as a page shows it; `to` is the envelope's, `html` has not been cleaned."""

    id: str
    at: datetime
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    message_id: str


def store(folder: Path, envelope_from: str, recipients: Sequence[str], content: bytes) -> Path:
    """Keep a mail; when this returns, it is on disk. Raises OSError when it can't be written."""
    for part in ("tmp", "new"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    half_done = folder / "tmp" / uuid.uuid4().hex
    try:
        with half_done.open("xb") as file:
            file.write(_envelope_lines(envelope_from, recipients))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        target = _free_name(folder / "new", _digest(_message_id(_parse(content))))
        half_done.replace(target)
    finally:
        half_done.unlink(missing_ok=True)
    _sync_folder(folder / "new")
    return target


def iter_mailbox(folder: Path, *, before: str | None = None) -> Iterator[MailView]:
    """The mails, newest first; with `before`, only those older than the mail of that id."""
    for path in _paths(folder, before):
        if (view := _view(path)) is not None:
            yield view


def recent(
    folder: Path, limit: int, before: str | None = None, to: str | None = None
) -> list[MailView]:
    """At most `limit` mails, newest first, of the newest MOST_SEARCHED.

    `before` is the id where the page before ended; `to` keeps one recipient's mails only.
    """
    paths: Iterator[Path] = islice(_paths(folder, before), MOST_SEARCHED)
    if to is not None:
        wanted = normalise_email(to)
        paths = (path for path in paths if wanted in _recipients(path))
    views = (view for path in paths if (view := _view(path)) is not None)
    return list(islice(views, limit))


def get(folder: Path, mail_id: str) -> MailView | None:
    """The mail of this id, or None."""
    return _view(folder / "new" / f"{mail_id}.eml") if _ID.fullmatch(mail_id) else None


def forget(folder: Path, address: str) -> int:
    """Remove every mail to this address; returns how many."""
    wanted = normalise_email(address)
    found = [path for path in _paths(folder, None) if wanted in _recipients(path)]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def has_message(folder: Path, message_id: str) -> bool:
    """Whether a mail with this Message-ID was accepted: settles a delivery left in doubt."""
    wanted = clean_line(message_id)
    return bool(wanted) and any((folder / "new").glob(f"*-{_digest(wanted)}.eml"))


def _paths(folder: Path, before: str | None) -> Iterator[Path]:
    try:
        ids = sorted((path.stem for path in (folder / "new").iterdir()), reverse=True)
    except FileNotFoundError:
        return
    for mail_id in ids:
        if _ID.fullmatch(mail_id) and (before is None or mail_id < before):
            yield folder / "new" / f"{mail_id}.eml"


def _view(path: Path) -> MailView | None:
    """The mail in a file; None when it has gone in the meantime."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    recipients, content = _split(raw)
    message = _parse(content)
    return MailView(
        id=path.stem,
        at=datetime.strptime(path.stem.split("-")[0], _MOMENT).replace(tzinfo=UTC),
        to=recipients,
        subject=_header(message, "subject"),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        message_id=_message_id(message),
    )


def _envelope_lines(envelope_from: str, recipients: Sequence[str]) -> bytes:
    to = ", ".join(clean_line(address) for address in recipients)
    lines = f"X-Envelope-To: {to}\r\nX-Envelope-From: {clean_line(envelope_from)}\r\n"
    return lines.encode("utf-8", "replace")


def _split(raw: bytes) -> tuple[tuple[str, ...], bytes]:
    """The recipients of our first line, and the mail below our two lines as it came."""
    first, _, rest = raw.partition(b"\r\n")
    return _addresses(first), rest.partition(b"\r\n")[2]


def _recipients(path: Path) -> tuple[str, ...]:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return tuple(normalise_email(address) for address in _addresses(file.readline()))
    return ()


def _addresses(line: bytes) -> tuple[str, ...]:
    value = line.decode("utf-8", "replace").partition(":")[2]
    return tuple(address.strip() for address in value.split(",") if address.strip())


def _parse(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)  # what the default policy makes
    return message


def _header(message: EmailMessage, name: str) -> str:
    """A header on one line. The standard parser is lazy and fails on some malformed ones."""
    try:
        return clean_line(str(message.get(name, "")))
    except Exception:  # anything may be in a mail that somebody sent
        raw = next((v for k, v in message.raw_items() if k.lower() == name), "")
        return clean_line(str(raw).encode("utf-8", "replace").decode("utf-8", "replace"))


def _message_id(message: EmailMessage) -> str:
    return _header(message, "message-id")


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body(preferencelist=(kind,))
        text = "" if part is None else str(part.get_content())
    except Exception:  # an unknown charset, a broken boundary: show what is there
        text = _undecoded(message) if kind == "plain" else ""
    return text[:LONGEST_TEXT]


def _undecoded(message: EmailMessage) -> str:
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            return payload.decode("utf-8", "replace")
    return ""


def _digest(message_id: str) -> str:
    return hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:16]


def _free_name(folder: Path, digest: str) -> Path:
    moment = clock.now().astimezone(UTC)
    while (path := folder / f"{moment.strftime(_MOMENT)}-{digest}.eml").exists():
        moment += timedelta(microseconds=1)
    return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
