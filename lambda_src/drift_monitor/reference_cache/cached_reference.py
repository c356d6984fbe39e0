"""A pinned reference of which columns are kept beside it, in the form that is scored."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache, cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from drift_monitor.beside import CACHE, beside
from drift_monitor.drift.column_side import ColumnSide, read_side
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.outline import Floats, Integers
from drift_monitor.errors import DriftMonitorError
from drift_monitor.monitor import Monitor
from drift_monitor.reference_cache.cache import Cache
from drift_monitor.reference_cache.manifest import Form, Manifest
from drift_monitor.reference_cache.place import place_of
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.storage import READERS
from drift_monitor.tables.table import Table
from drift_monitor.transform_file import digest_of

if TYPE_CHECKING:
    from drift_monitor.drift.columns import Numbers

_CODE = ("drift_monitor.tables", "drift_monitor.drift", "drift_monitor.reference_cache")
_LIBRARIES = (
    *("numpy", "pandas", "pyarrow", "scipy", "scikit-learn"),
    *("deltalake", "fastavro", "pyiceberg"),
)
"""What reads and transforms a reference; some of them are extras."""


@contextmanager
def open_cached(
    monitor: Monitor, found: FoundFiles, open_table: Callable[[], AbstractContextManager[Table]]
) -> Iterator[Table]:
    """Open a monitor's reference from its cache; what that lacks is read, and kept.

    Args:
        monitor: whose reference it is.
        found: the reference's files.
        open_table: opens it.

    Raises:
        DriftMonitorError: the reference cannot be read, or changed while it was read.
    """
    place = place_of(beside(found.wanted.location, f"{CACHE}/{monitor.name}"))
    with ThreadPoolExecutor(READERS) as readers:
        kept = Cache(place, _digest(monitor, found), readers)
        with ExitStack() as opened:
            reference = CachedReference(found, kept, lambda: opened.enter_context(open_table()))
            yield reference
        # Only here it is known that the files were the same all the time.
        reference.complete_cache()


def _digest(monitor: Monitor, found: FoundFiles) -> str:
    """Name the state of the files, and of all else that decides what becomes of a column."""
    transform = digest_of(monitor.transform) if monitor.transform else ""
    parts = [found.digest, transform, _digest_of_code(), *map(_version, _LIBRARIES)]
    return sha256(" ".join(parts).encode()).hexdigest()[:16]


@cache
def _digest_of_code() -> str:
    """Name the code that reads columns and keeps them."""
    digest = sha256()
    for package in _CODE:
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


class CachedReference(Table):
    """A table of which columns are kept. It is opened when something is asked that is not known."""

    def __init__(self, found: FoundFiles, kept: Cache, open_table: Callable[[], Table]) -> None:
        """Open the table, if nothing is kept of it.

        Args:
            found: its files.
            kept: what is kept of it.
            open_table: opens it, until the end of the run.
        """
        self._cache = kept
        self._open_table = open_table
        self._lock = Lock()
        self.location = found.wanted.location.text
        self.found = found
        self._manifest = kept.manifest or _described(self._table)
        self.digest = self._manifest.digest
        self.rows = self._manifest.rows
        self.columns = self._manifest.columns
        self._types = self._manifest.types_by_name()
        self._new_types: dict[str, pa.DataType] = {}

    def side(self, column: str, kind: Kind, rows: Integers) -> ColumnSide:
        """Return a column as it is kept; else read it, and keep it."""
        form: Form = "categories" if kind is Kind.CATEGORICAL else "numbers"

        def read() -> ColumnSide:
            side = read_side(self._table, column, kind, rows)
            self._cache.keep(column, form, rows, side)
            return side

        def read_values() -> Floats:
            return cast("Numbers", read().side).sorted

        return self._cache.load(column, form, rows, read_values) or read()

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._new_types[column] = self._table.type_of(column)
        return self._types[column]

    def complete_cache(self) -> None:
        """Let the next run have what was read, after the table's files turned out unchanged."""
        self._cache.complete(self._manifest, self._new_types)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a table has
        """Return what only the open table has: with its files, `read` reads this one as any."""
        return getattr(self._table, name)

    @property
    def _table(self) -> Table:
        with self._lock:
            return self._opened

    @cached_property
    def _opened(self) -> Table:
        table = self._open_table()
        if table.found.digest != self.found.digest:
            raise DriftMonitorError(
                f"{self.location} changed while the run began: run again once it is written"
            )
        return table


def _described(table: Table) -> Manifest:
    return Manifest(digest=table.digest, rows=table.rows, columns=table.columns, types="", kept={})
