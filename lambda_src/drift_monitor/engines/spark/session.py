"""A Spark session of this machine's own, for `drift-monitor run --engine spark` and the tests."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOGGING = Path(__file__).with_name("log4j2.properties")


def open_session() -> "SparkSession":
    """Start Spark in this process: one task at a time, which has all cores.

    Raises:
        DriftMonitorError: pyspark or Java is not installed.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise DriftMonitorError(
            "engine: spark needs pyspark: pip install 'drift-monitor[spark]', or run the monitor "
            "with --engine columns"
        ) from error
    _require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    cores = os.cpu_count() or 1
    return (
        SparkSession.builder.master(f"local[{cores}]")
        .appName("drift-monitor")
        .config("spark.task.cpus", cores)
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}")
        .config("spark.local.dir", tempfile.gettempdir())
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = Path(home) / "bin" / "java" if home else shutil.which("java")
    if java is None or not Path(java).exists():
        where = f" at {home} (JAVA_HOME)" if home else ""
        raise DriftMonitorError(
            f"engine: spark needs Java 17, and there is none{where}: install it, such as Debian's "
            "openjdk-17-jre-headless, or run the monitor with --engine columns"
        )
