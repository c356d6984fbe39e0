"""The Spark job of a run: from its event to its scores.

    spark-submit job.py --event s3://BUCKET/KEY.json --output s3://BUCKET/FOLDER/

--event   the JSON that the monitor's rule sends: `monitor`, `scheduled_at` and `event_id`.
--output  the folder for what was found: `scores.json`, `reference.parquet` and `current.parquet`;
          files that are there already, of an earlier attempt, are written again. The function goes
          on from there: it is sent the same event with this folder as `scores`. Tables that are
          not Parquet are copied as Parquet below it, into `copies/`, which stays in a bucket.

Both may be paths, too. A failed job exits with 1 and says why on its last line; it has written no
`scores.json`. It reads the monitor's locations and the event, and writes below the output and, with
`reference.cache`, beside the reference.

It needs Python 3.11 with this package on the driver and on every executor (PYSPARK_PYTHON), and
Spark 3.5, of which it takes nothing that is not in it: no JAR. A task should have its worker to
itself (`spark.task.cpus` is its cores), as it compares several columns at once; what they may take
is most of `spark.executor.memoryOverhead`, the worker's memory that is not Java's.
"""

import argparse
import logging
import sys
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError
from pyspark.sql import SparkSession

from drift_monitor.drift.comparison import DEFAULT_MEMORY
from drift_monitor.errors import DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.run_event import RunEvent
from drift_monitor.scores import write_scores
from drift_monitor.scoring import score_tables
from drift_monitor.spark.copies import copies_on
from drift_monitor.spark.engine import by_spark
from drift_monitor.spark_workers import column_memory
from drift_monitor.tables.storage import aws_session

logger = logging.getLogger(__name__)


def run_job(spark: SparkSession, event: str, output: str) -> None:
    """Compare the tables of an event's monitor, and write what was found.

    Raises:
        DriftMonitorError: something the user can mend; no scores were written.
    """
    asked = _read_event(event)
    engine = partial(by_spark, spark=spark, memory=_memory(spark))
    scores = score_tables(asked.monitor, asked.scheduled_at, engine, copies_on(spark, output))
    write_scores(output, scores)
    logger.info("%s: %s", asked.monitor.name, scores.result.outcome)


def _memory(spark: SparkSession) -> int:
    """Return the bytes that a task may spend on columns."""
    beside_java = spark.sparkContext.getConf().get("spark.executor.memoryOverhead")
    if beside_java is None:
        return DEFAULT_MEMORY
    return column_memory(int(beside_java.lower().removesuffix("b").removesuffix("g")))


def _read_event(event: str) -> RunEvent:
    place = Location.parse(event)
    try:
        if place.bucket is None:
            body = Path(place.path).read_bytes()
        else:
            client = aws_session(event)[0].client("s3")
            body = client.get_object(Bucket=place.bucket, Key=place.path)["Body"].read()
        return RunEvent.model_validate_json(body)
    except (OSError, BotoCoreError, ClientError, ValidationError) as error:
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
