"""Deterministic interleavings: somebody else writes just before we do."""

from collections.abc import Callable

from drift_monitor.storage import Files

Interrupt = Callable[[], None]


class Interrupted:
    """A store in whose `write_if` somebody else gets in first, as often as there are turns."""

    def __init__(self, store: Files, turns: list[Interrupt]) -> None:
        self._store = store
        self._turns = list(turns)
        self.tries = 0

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Let the other one write, then try."""
        self.tries += 1
        if self._turns:
            self._turns.pop(0)()
        self._store.write_if(key, body, version)

    def __getattr__(self, name: str) -> object:
        """Pass everything else on."""
        return getattr(self._store, name)
