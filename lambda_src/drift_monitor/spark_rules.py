"""What of a monitor's file goes with `engine: spark`: docs/spark.md."""

from collections.abc import Mapping
from typing import Any

_NOT_YET = {
    "checks": "checks are not made",
    "model_quality": "model_quality is not measured",
    "transform": "transform is not run",
    "slices": "slices are not compared",
}


def spark_misfits(monitor: Mapping[str, Any]) -> list[str]:
    """Say which settings Spark cannot follow, a sentence each.

    Args:
        monitor: by name, what is known of its settings.
    """
    found = [
        f"{what} by engine: spark: leave {name} out, or engine"
        for name, what in _NOT_YET.items()
        if monitor.get(name) is not None
    ]
    for name in ("reference", "current"):
        table = monitor.get(name)
        if table is None:
            continue
        if getattr(table, "cache", False):
            found.append(
                f"{name}.cache is not read by engine: spark, which reads the table itself: leave "
                "it out, or engine"
            )
        if table.format.is_lake:
            found.append(
                f"{name}: {table.format.type} is not read by engine: spark: name a folder of "
                "Parquet, CSV or JSON Lines, or leave engine out"
            )
    return found
