"""A pinned reference of which columns are kept beside it, in the form that is scored."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from threading import Lock
from typing import Any

import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Integers
from drift_monitor.analysis.columns.source import SampledColumn, read_column
from drift_monitor.config.locations import CACHE, sidecar
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import digest_of
from drift_monitor.engines.cache.cache import Cache, Manifest
from drift_monitor.engines.cache.column_file import UNREADABLE, read_column_file, write_column
from drift_monitor.errors import DriftMonitorError, first_line
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.table import Table

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

logger = logging.getLogger(__name__)


@contextmanager
def open_cached(
    monitor: Monitor,
    found: FoundFiles,
    open_table: Callable[..., AbstractContextManager[Table]],
    copier: Copier | None = None,
) -> Iterator[Table]:
    """Open a monitor's reference from its cache; what that lacks is read, and kept.

    Args:
        monitor: whose reference it is.
        found: the reference's files.
        open_table: opens it, in whatever process, with a `copier` or without.
        copier: copies it here, if it has to be copied.

    Raises:
        DriftMonitorError: the reference cannot be read, or changed while it was read.
    """
    root = sidecar(found.request.location, f"{CACHE}/{monitor.name}")
    kept = Cache(root, _digest(monitor, found))
    with ExitStack() as until_closed:
        reference = CachedReference(found, kept, open_table, copier, until_closed)
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
    with suppress(PackageNotFoundError):
        return version(library)
    return "none"


class CachedReference(Table):
    """A table of which columns are kept. It is opened when something is asked that is not known.

    Attributes:
        added: what is known of it, with the files that were written since it was opened.
    """

    def __init__(
        self,
        found: FoundFiles,
        kept: Cache,
        open_table: Callable[..., AbstractContextManager[Table]],
        copier: Copier | None,
        until_closed: ExitStack,
    ) -> None:
        """Open the table, if nothing is kept of it; see `open_cached`."""
        self._cache = kept
        self._open_table = open_table
        self._copier = copier
        self._until_closed = until_closed
        self._table: Table | None = None
        self._lock = Lock()
        self.location = found.request.location.text
        self.found = found
        self._before = kept.read_manifest()
        known = self._before or Manifest(
            self.opened.digest, self.opened.rows, self.opened.columns, types={}, kept={}
        )
        self.digest, self.rows, self.columns = known.digest, known.rows, known.columns
        self._kept = known.kept
        self.added = replace(known, types=dict(known.types), kept={})

    def column(self, column: str, kind: Kind, rows: Integers) -> SampledColumn:
        """Return a column as it is kept; else read it, and keep it."""
        form = f"{'categories' if kind is Kind.CATEGORICAL else 'numbers'} {column}"

        def read() -> SampledColumn:
            found = read_column(self.opened, column, kind, rows)
            if self._cache.is_writable:
                body, checksum = write_column(found, rows)
                if self._cache.write(form, body):
                    self.added.kept[form] = checksum
            return found

        def read_anew(reason: str) -> SampledColumn:
            logger.warning(
                "%s cannot be used for the column %s, which is read from the reference: %s",
                self._cache,
                column,
                reason,
            )
            return read()

        if form not in self._kept:
            return read()
        try:
            opened = self._cache.open(form)
            kept = read_column_file(opened, self._kept[form], rows, read_anew)
        except UNREADABLE as error:
            return read_anew(first_line(error))
        return kept or read()

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        types = self.added.types
        if column not in types:
            types[column] = self.opened.type_of(column)
        return types[column]

    def complete_cache(self) -> None:
        """Let the next run have what was read, after the table's files turned out unchanged."""
        manifest = replace(self.added, kept=self._kept | self.added.kept)
        if manifest != self._before:
            self._cache.complete(manifest, is_new=self._before is None)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a table has
        """Return what only the open table has: with its files, `read` reads this one as any."""
        return getattr(self.opened, name)

    @property
    def opened(self) -> Table:
        """The table itself, which is opened when it is first asked for."""
        with self._lock:
            if self._table is None:
                opening = self._open_table(copier=self._copier)
                table = self._until_closed.enter_context(opening)
                if table.found.digest != self.found.digest:
                    raise DriftMonitorError(
                        f"{self.location} changed while the run began: run again once it is written"
                    )
                self._table = table
            return self._table

    def prepare(self, columns: Iterable[str]) -> None:
        """Open the table unless each of these columns is kept in some form.

        So it is opened, and maybe copied, once, before others read columns of it elsewhere.
        """
        if not set(columns) <= {form.partition(" ")[2] for form in self._kept}:
            self.opened  # noqa: B018 - opens it

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: it reads the same cache, and the table if it must."""
        of_this_process = {"_lock", "_until_closed", "_copier"}
        return {name: value for name, value in vars(self).items() if name not in of_this_process}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be the same table in another process."""
        vars(self).update(state, _lock=Lock(), _until_closed=ExitStack(), _copier=None)
