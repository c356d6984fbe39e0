"""A run on Spark, state by state: the state machine's definition in the States Language.

    NameRun → ChooseRole → As MONITOR → KeepEvent → RunJob → Publish
                  │                         └─────────┤          │
                  └── UnknownMonitor ──────── CountFailure       │
                                                      └── KeepDeadLetter → Failed

What a state adds stands beside the rule's event, so that each later state has both:
`{"event": …, "run": {"key": …, "event": …, "scores": …}, "role": …, "failure": {…}}`.
"""

from dataclasses import dataclass
from typing import Any

from aws_cdk import Aws

State = dict[str, Any]

# A job that failed is tried once more: it may have cost the whole of its time.
_JOB_ATTEMPTS = 2
_JOB_PAUSE_MINUTES = 5
# As often as Lambda tries an event that a rule sends to the function itself.
_PUBLISH_ATTEMPTS = 3
_PUBLISH_MINUTES = 16
"""A minute more than the function has."""
_CALL_SECONDS = 60
_CALLS_MINUTES = 25
"""All that is neither job nor function, with its repetitions and pauses."""

_LAMBDA_IS_BUSY = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
]


@dataclass(frozen=True)
class Uses:
    """What the states use.

    Attributes:
        runs: the folder of the runs, as bucket and prefix.
        application_id: the Spark application.
        job_role_arns: by monitor, as whom its jobs run.
        job: the job's file in the application's image.
        timeout_minutes: how long a job may wait and run.
        function_arn: what publishes a job's scores.
        queue_url: where failed runs go.
        namespace: of the metrics.
        service: their first dimension, and a tag of the jobs.
    """

    runs: tuple[str, str]
    application_id: str
    job_role_arns: dict[str, str]
    job: str
    timeout_minutes: int
    function_arn: str
    queue_url: str
    namespace: str
    service: str


def longest_minutes(timeout_minutes: int) -> int:
    """Return how many minutes a run may take that succeeds with its last attempts."""
    jobs = _JOB_ATTEMPTS * timeout_minutes + _JOB_PAUSE_MINUTES
    return jobs + _PUBLISH_ATTEMPTS * _PUBLISH_MINUTES + _CALLS_MINUTES


def definition(uses: Uses) -> State:
    """Return the state machine's definition."""
    return {
        "Comment": "A run of a monitor with engine: spark",
        "StartAt": "NameRun",
        "States": {
            "NameRun": _name_run(uses),
            "ChooseRole": _choose_role(uses),
            **{_as(name): _run_as(arn) for name, arn in uses.job_role_arns.items()},
            "UnknownMonitor": _unknown_monitor(),
            "KeepEvent": _keep_event(uses),
            "RunJob": _run_job(uses),
            "Publish": _publish(uses),
            "CountFailure": _count_failure(uses),
            "KeepDeadLetter": _keep_dead_letter(uses),
            "Failed": {
                "Type": "Fail",
                "Error": "RunFailed",
                "Cause": "The dead-letter queue has the run's event and the reason.",
            },
        },
    }


def _name_run(uses: Uses) -> State:
    """Give the run a folder of its own: an execution's name is used once."""
    bucket, prefix = uses.runs

    def named(text: str) -> str:
        return f"States.Format('{text}', $.monitor.name, $$.Execution.Name)"

    return {
        "Type": "Pass",
        "Parameters": {
            "event.$": "$",
            "run": {
                "key.$": named(f"{prefix}/{{}}/{{}}/event.json"),
                "event.$": named(f"s3://{bucket}/{prefix}/{{}}/{{}}/event.json"),
                "scores.$": named(f"s3://{bucket}/{prefix}/{{}}/{{}}/scores/"),
            },
        },
        "Next": "ChooseRole",
    }


def _choose_role(uses: Uses) -> State:
    """Go on as the role that reads this monitor's tables and no other's."""
    return {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.event.monitor.name", "StringEquals": name, "Next": _as(name)}
            for name in uses.job_role_arns
        ],
        "Default": "UnknownMonitor",
    }


def _as(monitor: str) -> str:
    return f"As {monitor}"


def _run_as(role_arn: str) -> State:
    return {"Type": "Pass", "Result": role_arn, "ResultPath": "$.role", "Next": "KeepEvent"}


def _unknown_monitor() -> State:
    """Say what became of a monitor whose event is older than the deployment."""
    failure = {
        "Error": "UnknownMonitor",
        "Cause": "No monitor of this name is deployed with engine: spark.",
    }
    return {"Type": "Pass", "Result": failure, "ResultPath": "$.failure", "Next": "CountFailure"}


def _keep_event(uses: Uses) -> State:
    """Put the event where the job reads it: an argument of a job has no room for some of them."""
    bucket, _ = uses.runs
    return {
        **_task("aws-sdk:s3:putObject", seconds=_CALL_SECONDS),
        "Parameters": {
            "Bucket": bucket,
            "Key.$": "$.run.key",
            "Body.$": "$.event",
            "ContentType": "application/json",
        },
        "Retry": [_again()],
        "Catch": [_else("CountFailure")],
        "ResultPath": None,
        "Next": "RunJob",
    }


def _run_job(uses: Uses) -> State:
    """Run the job to its end.

    One that is too slow ends as `States.Timeout`, which is not tried again. EMR Serverless gives it
    as many minutes, counted from when it starts and so always later, and then stops it.
    """
    return {
        **_task("emr-serverless:startJobRun.sync", seconds=uses.timeout_minutes * 60),
        "Parameters": {
            "ApplicationId": uses.application_id,
            "ExecutionRoleArn.$": "$.role",
            "ExecutionTimeoutMinutes": uses.timeout_minutes,
            "Name.$": "$.event.monitor.name",
            "Tags": {"service": uses.service, "monitor.$": "$.event.monitor.name"},
            "JobDriver": {
                "SparkSubmit": {
                    "EntryPoint": uses.job,
                    "EntryPointArguments.$": (
                        "States.Array('--event', $.run.event, '--output', $.run.scores)"
                    ),
                }
            },
        },
        "Retry": [
            {
                "ErrorEquals": ["States.TaskFailed"],
                "IntervalSeconds": _JOB_PAUSE_MINUTES * 60,
                "MaxAttempts": _JOB_ATTEMPTS - 1,
            }
        ],
        "Catch": [_else("CountFailure")],
        "ResultPath": None,
        "Next": "Publish",
    }


def _publish(uses: Uses) -> State:
    """Have the function render, publish and tell what the job has found."""
    return {
        **_task("lambda:invoke", seconds=_PUBLISH_MINUTES * 60),
        "Parameters": {
            "FunctionName": uses.function_arn,
            "Payload": {
                "monitor.$": "$.event.monitor",
                "scheduled_at.$": "$.event.scheduled_at",
                "event_id.$": "$.event.event_id",
                "scores.$": "$.run.scores",
            },
        },
        "Retry": [
            # For as long as the account's other functions may take: the job has cost its money.
            {
                **_again(),
                "ErrorEquals": _LAMBDA_IS_BUSY,
                "MaxDelaySeconds": 60,
                "MaxAttempts": 20,
            },
            {
                "ErrorEquals": ["States.TaskFailed"],
                "IntervalSeconds": 60,
                "BackoffRate": 2,
                "MaxAttempts": _PUBLISH_ATTEMPTS - 1,
            },
        ],
        # The function has counted its own failures.
        "Catch": [_else("KeepDeadLetter")],
        "OutputPath": "$.Payload",
        "End": True,
    }


def _count_failure(uses: Uses) -> State:
    """Write the metric that the function would have written, had it been asked."""
    return {
        **_task("aws-sdk:cloudwatch:putMetricData", seconds=_CALL_SECONDS),
        "Parameters": {
            "Namespace": uses.namespace,
            "MetricData": [
                {
                    "MetricName": "RunsSucceeded",
                    "Value": 0,
                    "Unit": "Count",
                    "Dimensions": [
                        {"Name": "service", "Value": uses.service},
                        {"Name": "monitor", "Value.$": "$.event.monitor.name"},
                    ],
                }
            ],
        },
        "Retry": [_again()],
        # A run's own outcome stands, whatever becomes of its metrics.
        "Catch": [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.uncounted", "Next": "KeepDeadLetter"}
        ],
        "ResultPath": None,
        "Next": "KeepDeadLetter",
    }


def _keep_dead_letter(uses: Uses) -> State:
    """Keep the rule's event with the reason, in the words of Lambda's own dead letters."""
    return {
        **_task("sqs:sendMessage", seconds=_CALL_SECONDS),
        "Parameters": {
            "QueueUrl": uses.queue_url,
            "MessageBody": {
                "execution.$": "$$.Execution.Id",
                "failure.$": "$.failure",
                "requestPayload.$": "$.event",
            },
        },
        "Retry": [_again()],
        "ResultPath": None,
        "Next": "Failed",
    }


def _task(resource: str, *, seconds: int) -> State:
    return {
        "Type": "Task",
        "Resource": f"arn:{Aws.PARTITION}:states:::{resource}",
        "TimeoutSeconds": seconds,
    }


def _again() -> State:
    """Return how a call is repeated that takes a moment."""
    return {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": 5,
        "JitterStrategy": "FULL",
    }


def _else(state: str) -> State:
    return {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": state}
