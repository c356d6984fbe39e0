"""Where a reference's baseline lies, and how it is read and written."""

import logging

from botocore.exceptions import ClientError
from pydantic import ValidationError

from drift_monitor.analysis.checks.baseline import Baseline
from drift_monitor.config.locations import BASELINE, Location, sidecar
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import FILE_ERRORS, file_at

logger = logging.getLogger(__name__)

_DENIED = {"AccessDenied", "403"}


def find_baseline(monitor: Monitor) -> Baseline | None:
    """Read the baseline of a monitor's reference; None where it has none, or may not be looked for.

    Raises:
        DriftMonitorError: it is no baseline of this version.
    """
    if monitor.reference.location is None:
        return None
    place = baseline_place(monitor)
    try:
        return read_baseline(place)
    except PermissionError:
        logger.warning("no permission to look for a baseline, so the checks have none: %s", place)
        return None


def baseline_place(monitor: Monitor) -> Location:
    """Return where the baseline of a monitor's reference lies.

    Raises:
        DriftMonitorError: the reference has no location.
    """
    if monitor.reference.location is None:
        raise DriftMonitorError(
            "a baseline needs a reference that stays: give it a location, in place of a window or "
            "a query"
        )
    return sidecar(Location.parse(monitor.reference.location), BASELINE)


def read_baseline(place: Location) -> Baseline | None:
    """Read a baseline; None where there is none.

    Raises:
        PermissionError: it may not be read, or not looked for.
        DriftMonitorError: it is no baseline of this version.
    """
    body = _read(place)
    if body is None:
        return None
    try:
        return Baseline.model_validate_json(body)
    except ValidationError as error:
        raise DriftMonitorError(
            f"{place} is no baseline of this version: write it again with drift-monitor baseline "
            "MONITOR.yaml"
        ) from error


def renewed(place: Location, baseline: Baseline) -> Baseline:
    """Return a baseline with what the one in its place knows besides, if it is of the same files.

    One that cannot be read is not asked.
    """
    try:
        older = read_baseline(place)
    except (DriftMonitorError, PermissionError):
        older = None
    return baseline.with_columns_of(older)


def write_baseline(place: Location, baseline: Baseline) -> None:
    """Write a baseline, over one that is there.

    Raises:
        DriftMonitorError: it cannot be written.
    """
    files, key = file_at(place)
    try:
        files.write(key, baseline.model_dump_json(exclude_none=True).encode())
    except FILE_ERRORS as error:
        raise DriftMonitorError(f"{place} cannot be written: {error}") from error


def _read(place: Location) -> bytes | None:
    """Read a file that may not be there; S3 denies its reading to who may not list the bucket."""
    files, key = file_at(place)
    try:
        stored = files.read(key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _DENIED:
            raise PermissionError(str(error)) from error
        raise
    return stored.body if stored else None
