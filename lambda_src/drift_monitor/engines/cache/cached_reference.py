"""A pinned reference of which columns are kept beside it, in the form that is scored."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Floats, Integers
from drift_monitor.analysis.columns.source import SampledColumn, read_column
from drift_monitor.config.locations import CACHE, beside
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import digest_of
from drift_monitor.engines.cache.cache import Cache
from drift_monitor.engines.cache.manifest import Form, KeptColumn, Manifest
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.table import Table

if TYPE_CHECKING:
    from drift_monitor.analysis.columns.values import Numbers

_CODE = (
    "drift_monitor.tables",
    "drift_monitor.tables.readers",
    "drift_monitor.tables.lakes",
    "drift_monitor.analysis.columns",
    "drift_monitor.engines.cache",
)
_LIBRARIES = (
    *("numpy", "pandas", "pyarrow", "scipy", "scikit-learn"),
    *("deltalake", "fastavro", "pyiceberg"),
)
"""What reads and transforms a reference; some of them are extras."""


class OpenTable(Protocol):
    """Opens a reference, in whatever process."""

    def __call__(self, *, copier: Copier | None) -> AbstractContextManager[Table]:
        """Open it; what has to be copied is copied by the copier, or else by this process."""


@dataclass(frozen=True)
class Added:
    """What a process has read of a reference, and kept.

    Attributes:
        kept: the columns that were written to the cache, by their names.
        types: the types of columns that nobody had asked about.
    """

    kept: dict[str, dict[Form, KeptColumn]]
    types: dict[str, pa.DataType]


@contextmanager
def open_cached(
    monitor: Monitor, found: FoundFiles, open_table: OpenTable, copier: Copier | None = None
) -> Iterator[Table]:
    """Open a monitor's reference from its cache; what that lacks is read, and kept.

    Args:
        monitor: whose reference it is.
        found: the reference's files.
        open_table: opens it, in whatever process.
        copier: copies it here, if it has to be copied.

    Raises:
        DriftMonitorError: the reference cannot be read, or changed while it was read.
    """
    root = beside(found.request.location, f"{CACHE}/{monitor.name}")
    reference = CachedReference(found, Cache(root, _digest(monitor, found)), open_table, copier)
    with reference:
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

    def __init__(
        self, found: FoundFiles, kept: Cache, open_table: OpenTable, copier: Copier | None
    ) -> None:
        """Open the table, if nothing is kept of it.

        Args:
            found: its files.
            kept: what is kept of it.
            open_table: opens it, in whatever process.
            copier: copies it in this one, if it has to be copied.
        """
        self._cache = kept
        self._open_table = open_table
        self._copier = copier
        self._table: Table | None = None
        self._until_closed = ExitStack()
        self._lock = Lock()
        self.location = found.request.location.text
        self.found = found
        self._manifest = kept.manifest or _described(self.opened)
        self.digest = self._manifest.digest
        self.rows = self._manifest.rows
        self.columns = self._manifest.columns
        self._types = self._manifest.types_by_name()
        self._new_types: dict[str, pa.DataType] = {}

    def column(self, column: str, kind: Kind, rows: Integers) -> SampledColumn:
        """Return a column as it is kept; else read it, and keep it."""
        form: Form = "categories" if kind is Kind.CATEGORICAL else "numbers"

        def read() -> SampledColumn:
            side = read_column(self.opened, column, kind, rows)
            self._cache.keep(column, form, rows, side)
            return side

        def read_values() -> Floats:
            return cast("Numbers", read().values).sorted

        return self._cache.load(column, form, rows, read_values) or read()

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._new_types[column] = self.opened.type_of(column)
        return self._types[column]

    def complete_cache(self) -> None:
        """Let the next run have what was read, after the table's files turned out unchanged."""
        self._cache.complete(self._manifest, self._new_types)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a table has
        """Return what only the open table has: with its files, `read` reads this one as any."""
        return getattr(self.opened, name)

    @property
    def opened(self) -> Table:
        """The table itself, which is opened when it is first asked for."""
        with self._lock:
            if self._table is None:
                self._table = self._until_closed.enter_context(self._open())
            return self._table

    @contextmanager
    def _open(self) -> Iterator[Table]:
        with self._open_table(copier=self._copier) as table:
            if table.found.digest != self.found.digest:
                raise DriftMonitorError(
                    f"{self.location} changed while the run began: run again once it is written"
                )
            yield table

    def __enter__(self) -> Self:
        """Let the table be opened until the block ends."""
        return self

    def __exit__(self, *raised: object) -> bool | None:
        """Close the table, if it was opened; whether its files are the same shows then."""
        return self._until_closed.__exit__(*raised)  # type: ignore[arg-type]

    def prepare(self, columns: Iterable[str]) -> None:
        """Open the table unless each of these columns is kept in some form.

        So it is opened, and maybe copied, once, before others read columns of it elsewhere.
        """
        if not all(self._manifest.kept.get(column) for column in columns):
            self.opened  # noqa: B018 - opens it

    def take_added(self) -> Added:
        """Return what was read and kept since the last time, for `add` of the run's own process."""
        added = Added(self._cache.take_added(), self._new_types)
        self._new_types = {}
        return added

    def add(self, added: Added) -> None:
        """Take over what was kept in another process."""
        self._cache.add(added.kept)
        self._types |= added.types
        self._new_types |= added.types

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: it reads the same cache, and the table if it must."""
        of_this_process = {"_lock", "_until_closed", "_copier"}
        return {name: value for name, value in vars(self).items() if name not in of_this_process}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be the same table in another process."""
        vars(self).update(state, _lock=Lock(), _until_closed=ExitStack(), _copier=None)


def _described(table: Table) -> Manifest:
    return Manifest(digest=table.digest, rows=table.rows, columns=table.columns, types="", kept={})
