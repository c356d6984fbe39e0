"""Functions that Spark's tasks run, each as a job of its own.

So one that is lost costs only itself, and the next one goes to whatever worker is free.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast

Shared = TypeVar("Shared")
Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

_MOST_JOBS = 256
"""Jobs under way at once: each has a thread of the driver."""
_REASONS = {
    "Python worker exited unexpectedly": "its process ended, most likely for want of memory",
    "ExecutorLostFailure": "its worker was lost, most likely for want of memory",
}
"""Why there is no result, by a phrase in Spark's error."""
_RAISED = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception))\b(?!.*Py4J)", re.MULTILINE)

logger = logging.getLogger(__name__)


class LostTaskError(Exception):
    """Spark has tried a task as often as it does, and has no result; the message says why."""


class Tasks(Generic[Shared]):
    """What runs functions in Spark's tasks; none of them runs when its block has ended."""

    def __init__(self, spark: SparkSession, shared: Shared) -> None:
        """Send the workers what all functions need.

        Args:
            spark: runs the tasks.
            shared: the functions' first argument.
        """
        self._context = spark.sparkContext
        self._is_stopped = False
        self._shared = self._context.broadcast(shared)
        # Twice as many as run: so no worker waits for the driver, and Spark asks for more workers.
        self._jobs = ThreadPoolExecutor(min(2 * slots(spark), _MOST_JOBS))

    def submit(
        self,
        do: Callable[Concatenate[Shared, Arguments], Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Future[Result]:
        """Let a task run a function; those submitted first begin first.

        Args:
            do: a function of a module, or a method of a class of a module.
            arguments: what follows what is shared.
            named: the same, by name.

        Returns:
            what the function returned. A DriftMonitorError is raised as if it had run here, and
            LostTaskError where the task was lost.
        """
        return self._jobs.submit(self._run, (do, arguments, named))

    def _run(self, call: tuple[Callable[..., Result], Any, Any]) -> Result:
        task = partial(_run_in_task, self._shared)
        try:
            (found,) = self._context.parallelize([call], 1).map(task).collect()
        except (PySparkException, Py4JError) as error:
            if not self._is_stopped:
                logger.exception("a Spark task was lost")
            raise LostTaskError(_reason(str(error))) from error
        if isinstance(found, DriftMonitorError):
            raise found
        return cast("Result", found)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the tasks that are under way; after an error, stop them."""
        self._jobs.shutdown(wait=False, cancel_futures=True)
        if kind is not None:
            self._is_stopped = True
            self._context.cancelAllJobs()
        self._jobs.shutdown()
        self._shared.unpersist()


def slots(spark: SparkSession) -> int:
    """Return how many tasks run at once, on all workers that the job may have."""
    there: int = spark.sparkContext.defaultParallelism // cores_of_a_task(spark)
    most = spark.sparkContext.getConf().get("spark.dynamicAllocation.maxExecutors", "0")
    return max(1, there, int(most))


def cores_of_a_task(spark: SparkSession) -> int:
    """Return how many cores each task has for itself."""
    cores: str = spark.sparkContext.getConf().get("spark.task.cpus", "1")
    return int(cores)


def _run_in_task(
    shared: "Broadcast[Shared]", call: tuple[Callable[..., Result], Any, Any]
) -> Result | DriftMonitorError:
    """Run a function; what it says to the user is a result, so that Spark does not try again."""
    do, arguments, named = call
    try:
        return do(shared.value, *arguments, **named)
    except DriftMonitorError as error:
        return error


def _reason(said: str) -> str:
    """Say in a few words why a task was lost: Spark's own are a page, and may quote a value."""
    for sign, reason in _REASONS.items():
        if sign in said:
            return reason
    raised = _RAISED.findall(said)
    return f"{raised[-1]}: the log says more" if raised else "the log says why"
