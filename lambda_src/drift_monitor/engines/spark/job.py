"""The Spark job of a run: from its event to its scores.

    spark-submit job.py --event s3://BUCKET/KEY.json --output s3://BUCKET/FOLDER/

--event   the JSON that the monitor's rule sends: `monitor`, `scheduled_at` and `event_id`.
--output  the folder for what was found: `scores.json`, `reference.parquet` and `current.parquet`;
          files that are there already, of an earlier attempt, are written again. The function goes
          on from there: it is sent the same event with this folder as `scores`. Tables that are
          not Parquet are copied as Parquet below it, into `copies/`, which stays in a bucket.

Both may be paths, too. A failed job exits with 1, says why, and has written no `scores.json`. It
needs Python 3.11 with this package on every machine (PYSPARK_PYTHON), Spark 3.5, and no JAR. A task
should have its worker to itself (`spark.task.cpus`), as it compares several columns at once; they
may take most of `spark.executor.memoryOverhead`, the worker's memory that is not Java's.
"""

import argparse
import logging
import sys
from functools import partial

from pydantic import ValidationError
from pyspark.sql import SparkSession

from drift_monitor.config.engines import column_memory
from drift_monitor.config.events import RunEvent
from drift_monitor.config.locations import Location
from drift_monitor.engines.scored_run import write_scored_run
from drift_monitor.engines.scoring import score_run
from drift_monitor.engines.spark.copies import copies_on
from drift_monitor.engines.spark.engine import by_spark
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import FILE_ERRORS, file_at

logger = logging.getLogger(__name__)


def run_job(spark: SparkSession, event: str, output: str) -> None:
    """Compare the tables of an event's monitor, and write what was found.

    Raises:
        DriftMonitorError: something the user can mend; no scores were written.
    """
    asked = _read_event(event)
    beside_java = spark.sparkContext.getConf().get("spark.executor.memoryOverhead", "4g")
    engine = partial(by_spark, spark=spark, memory=column_memory(int(beside_java.rstrip("gG"))))
    scored_run = score_run(asked.monitor, asked.scheduled_at, engine, copies_on(spark, output))
    write_scored_run(output, scored_run)
    logger.info("%s: %s", asked.monitor.name, scored_run.result.outcome)


def _read_event(event: str) -> RunEvent:
    files, key = file_at(Location.parse(event))
    try:
        stored = files.read(key)
        if stored is None:
            raise FileNotFoundError("there is no such file")
        return RunEvent.model_validate_json(stored.body)
    except (*FILE_ERRORS, ValidationError) as error:
        raise DriftMonitorError(f"{event} is no event that can be read: {error}") from error


def main() -> None:
    """Run the job from the command line."""
    parser = argparse.ArgumentParser(prog="job.py", description="The Spark job of a run.")
    parser.add_argument("--event", required=True, help="the JSON that the monitor's rule sends")
    parser.add_argument("--output", required=True, help="the folder for what is found")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    with SparkSession.builder.appName("drift-monitor").getOrCreate() as spark:
        try:
            run_job(spark, arguments.event, arguments.output)
        except DriftMonitorError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
