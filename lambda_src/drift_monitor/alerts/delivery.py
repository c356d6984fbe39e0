"""Delivery of a run's messages: each once, though an event may come twice or a sender may die.

A note beside the run is claimed for a minute before the message goes out, and marked as sent after.
See docs/decisions/0004-one-email.md.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from drift_monitor.alerts.notifiers import Message, Notifier
from drift_monitor.storage import ConflictError, Files

CLAIM = timedelta(seconds=60)
"""How long a claim lasts: longer than a notifier tries."""
_PAUSE = 2.0


class Note(BaseModel):
    """The state of a message's delivery.

    Attributes:
        status: being sent, or sent.
        subject: the message's.
        until: when another process may send it, if it is not sent by then.
    """

    status: Literal["sending", "sent"]
    subject: str
    until: AwareDatetime | None = None


def _now() -> datetime:
    return datetime.now(UTC)


def send_once(
    email: Message,
    notifier: Notifier,
    store: Files,
    key: str,
    *,
    now: Callable[[], datetime] = _now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Send a message unless it is sent; while another process sends it, wait for the outcome.

    Args:
        email: the message.
        notifier: sends it.
        store: the site.
        key: the note's.
        now: the clock.
        pause: waits for so many seconds.

    Raises:
        Exception: the notifier's; the next call sends the message.
    """
    while True:
        stored = store.read(key)
        note = Note.model_validate_json(stored.body) if stored else None
        if note and note.status == "sent":
            return
        if note and note.until and note.until > now():
            pause(_PAUSE)
            continue
        claim = Note(status="sending", subject=email.subject, until=now() + CLAIM)
        try:
            store.write_if(key, _json(claim), stored.version if stored else None)
        except ConflictError:
            continue
        _send(claim, partial(notifier.send, email), store, key)
        return


def _send(claim: Note, send: Callable[[], None], store: Files, key: str) -> None:
    try:
        send()
    except BaseException:
        _give_up(claim, store, key)
        raise
    store.write(key, _json(Note(status="sent", subject=claim.subject)))


def _give_up(claim: Note, store: Files, key: str) -> None:
    """End a claim, so that another process may send at once, unless one has claimed it since."""
    stored = store.read(key)
    if stored and stored.body == _json(claim):
        with suppress(ConflictError):
            given_up = claim.model_copy(update={"until": None})
            store.write_if(key, _json(given_up), stored.version)


def _json(note: Note) -> bytes:
    return note.model_dump_json(exclude_none=True).encode()
