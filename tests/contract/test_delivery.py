"""A run's email goes out once, whoever else is sending it, and though a sender dies."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from support.interrupted import Interrupted

from drift_monitor.alerts.delivery import CLAIM, send_once
from drift_monitor.alerts.email import Email
from drift_monitor.storage import Files, Stored

KEY = "monitors/flights/runs/20130701T093000Z/email.json"
SENT = b'{"status": "sent", "subject": "Drift"}'
EMAIL = Email("flights-20130701T093000Z", "Drift", "All moved.", "{}", "{}", {})


class Killed(BaseException):
    """The process ends here, without a chance to tidy up."""


class Clock:
    """A clock that moves when somebody waits, and lets others act meanwhile."""

    def __init__(self) -> None:
        self.time = datetime(2013, 7, 1, 9, 30, tzinfo=UTC)
        self.meanwhile: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()


class Mailbox:
    """Keeps what it is sent; before that, whatever the test wants may happen."""

    def __init__(self) -> None:
        self.emails: list[Email] = []
        self.before: list[Callable[[], None]] = []

    def send(self, email: Email) -> None:
        if self.before:
            self.before.pop(0)()
        self.emails.append(email)


class Dying:
    """A store whose process dies once the email is claimed: it can note nothing any more."""

    def __init__(self, store: Files) -> None:
        self._store = store
        self._is_alive = True

    def read(self, key: str) -> Stored | None:
        """Read once."""
        if not self._is_alive:
            raise Killed(key)
        self._is_alive = False
        return self._store.read(key)

    def write(self, key: str, body: bytes) -> None:
        """Die."""
        raise Killed(key, body)

    def __getattr__(self, name: str) -> object:
        """Pass everything else on."""
        return getattr(self._store, name)


def _fail(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def _nothing() -> None:
    pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


Send = Callable[[Files], None]


@pytest.fixture
def send(mailbox: Mailbox, clock: Clock) -> Send:
    """Return what sends the email, by a store."""

    def send(store: Files) -> None:
        send_once(EMAIL, mailbox, store, KEY, now=clock.now, pause=clock.pause)

    return send


def test_one_after_the_other_send_one_email(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox
) -> None:
    send(store)
    send(elsewhere)
    assert mailbox.emails == [EMAIL]


def test_who_is_overtaken_while_claiming_sends_nothing(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox
) -> None:
    send(Interrupted(store, [lambda: send(elsewhere)]))
    assert mailbox.emails == [EMAIL]


@pytest.fixture
def dead(store: Files, send: Send, mailbox: Mailbox) -> None:
    """Let a sender claim the email and die."""
    mailbox.before = [_fail(Killed())]
    with pytest.raises(Killed):
        send(Dying(store))


@pytest.mark.usefixtures("dead")
def test_who_finds_a_claim_waits_until_it_is_sent(
    elsewhere: Files, send: Send, mailbox: Mailbox, clock: Clock
) -> None:
    clock.meanwhile = [_nothing, lambda: elsewhere.write(KEY, SENT)]
    send(elsewhere)
    assert not clock.meanwhile
    assert mailbox.emails == []


@pytest.mark.usefixtures("dead")
def test_who_finds_a_sender_dead_sends_when_its_claim_ends(
    elsewhere: Files, send: Send, mailbox: Mailbox, clock: Clock
) -> None:
    began = clock.time
    send(elsewhere)
    assert mailbox.emails == [EMAIL]
    assert clock.time - began >= CLAIM


@pytest.mark.usefixtures("dead")
def test_of_two_who_wait_for_a_claim_to_end_one_sends(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox, clock: Clock
) -> None:
    clock.time += CLAIM
    send(Interrupted(store, [lambda: send(elsewhere)]))
    assert mailbox.emails == [EMAIL]


def test_a_refused_email_is_sent_at_once_by_the_next(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox, clock: Clock
) -> None:
    began = clock.time
    mailbox.before = [_fail(ConnectionError("SNS is down"))]
    with pytest.raises(ConnectionError, match="SNS is down"):
        send(store)
    send(elsewhere)
    assert mailbox.emails == [EMAIL]
    assert clock.time == began


def test_who_fails_after_its_claim_has_passed_to_another_takes_nothing_back(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox, clock: Clock
) -> None:
    def stall() -> None:
        clock.time += CLAIM
        send(elsewhere)
        raise ConnectionError("too late")

    mailbox.before = [stall]
    with pytest.raises(ConnectionError, match="too late"):
        send(store)
    send(store)
    assert mailbox.emails == [EMAIL]


def test_an_email_whose_note_is_lost_is_sent_again_rather_than_never(
    store: Files, elsewhere: Files, send: Send, mailbox: Mailbox
) -> None:
    with pytest.raises(Killed):
        send(Dying(store))
    send(elsewhere)
    assert mailbox.emails == [EMAIL, EMAIL]
