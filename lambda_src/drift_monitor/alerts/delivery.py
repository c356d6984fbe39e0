"""Sending a run's email once, though its event may come twice and its sender may die.

A note beside the run says who may send: it is claimed for a minute before the email goes out, and
marked as sent after. See docs/decisions/0004-one-email.md.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from drift_monitor.alerts.notifiers import Message, Notifier
from drift_monitor.storage import ConflictError, Store

CLAIM = timedelta(seconds=60)
"""How long a sender has the email to itself: longer than a notifier tries."""
_PAUSE = 2.0


class Note(BaseModel):
    """What is known of a run's email.

    Attributes:
        status: being sent, or sent.
        subject: the email's.
        until: when somebody else may send it, if it is not sent by then.
    """

    status: Literal["sending", "sent"]
    subject: str
    until: AwareDatetime | None = None


def _now() -> datetime:
    return datetime.now(UTC)


def send_once(
    email: Message,
    notifier: Notifier,
    store: Store,
    key: str,
    *,
    now: Callable[[], datetime] = _now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Send an email unless it is sent; while somebody else is sending it, wait for the outcome.

    Args:
        email: what to send.
        notifier: where to.
        store: the site.
        key: the note's.
        now: the clock.
        pause: waits for so many seconds.

    Raises:
        Exception: the notifier's; the next call sends the email.
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


def _send(claim: Note, send: Callable[[], None], store: Store, key: str) -> None:
    try:
        send()
    except BaseException:
        _give_up(claim, store, key)
        raise
    store.write(key, _json(Note(status="sent", subject=claim.subject)))


def _give_up(claim: Note, store: Store, key: str) -> None:
    """Let somebody else send it at once, unless the claim has passed to somebody else already."""
    stored = store.read(key)
    if stored and stored.body == _json(claim):
        with suppress(ConflictError):
            given_up = claim.model_copy(update={"until": None})
            store.write_if(key, _json(given_up), stored.version)


def _json(note: Note) -> bytes:
    return note.model_dump_json(exclude_none=True).encode()
