"""A site, and how its files are changed while others change them, too."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import ConflictError, Store

_TRIES = 20


@dataclass(frozen=True)
class Site:
    """A site.

    Attributes:
        store: where its files are kept.
        url: where people read it, with a slash at its end.
        retention: how long a report stays; None for ever.
        is_scheduled: whether runs come by themselves, so that pages say when the next one is due.
    """

    store: Store
    url: str
    retention: timedelta | None = None
    is_scheduled: bool = True


def update(store: Store, key: str, change: Callable[[bytes | None], bytes]) -> None:
    """Change a file from what it holds to something else, whoever else is changing it."""
    for _ in range(_TRIES):
        stored = store.read(key)
        try:
            if stored is None:
                store.write_if(key, change(None), None)
            else:
                store.write_if(key, change(stored.body), stored.version)
        except ConflictError:
            continue
        return
    raise _too_busy(key)


def refresh(store: Store, keys: Iterable[str], render: Callable[[], Mapping[str, bytes]]) -> None:
    """Write pages that are made from other files, never over ones made from newer files.

    `render` reads those files after the pages' versions were read. Whoever changed them since has
    yet to write the pages, or has done so and makes this write fail and start again.

    Args:
        store: the site.
        keys: the pages'.
        render: makes the pages, in the order in which to write them; one that is left out stays
            as it is.
    """
    keys = list(keys)
    for _ in range(_TRIES):
        versions = {key: store.version(key) for key in keys}
        try:
            for key, page in render().items():
                store.write_if(key, page, versions[key])
        except ConflictError:
            continue
        return
    raise _too_busy(" or ".join(keys))


def _too_busy(key: str) -> DriftMonitorError:
    return DriftMonitorError(
        f"{key} was changed by others {_TRIES} times in a row: run this run again"
    )
