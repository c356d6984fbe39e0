"""The states of a run on Spark, and the permissions that each needs.

    NameRun → ChooseRole → As MONITOR → KeepEvent → RunJob → Publish
                  │                         └─────────┤          │
                  └── UnknownMonitor ──────── CountFailure       │
                                                      └── KeepDeadLetter → Failed

A state adds its output beside the rule's event, so that each later state has both:
`{"event": …, "run": {"key": …, "event": …, "scores": …}, "role": …, "failure": {…}}`.

Two states are written in the States Language, with our own grants: the CDK has no task for a job of
EMR Serverless, and with its task for metrics the role could write to any namespace.
"""

from collections.abc import Mapping
from typing import TypeVar

from aws_cdk import Aws, Duration, JsonNull, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk.aws_stepfunctions import JsonPath
from constructs import Construct

from stacks.common.nag import acknowledge
from stacks.detector import METRICS_NAMESPACE, DriftDetector
from stacks.spark.application import JOB, RUNS, SparkEngine

# A job that failed is tried only once more: it may have used, and cost, its whole timeout.
_JOB_ATTEMPTS = 2
_JOB_PAUSE_MINUTES = 5
# As many as Lambda makes for an event that a rule sends to the function itself.
_PUBLISH_ATTEMPTS = 3
_PUBLISH_MINUTES = 16
"""A minute more than the function's timeout."""
_CALL = Duration.seconds(60)
_CALLS_MINUTES = 25
"""The time of all other states, with their retries and pauses."""

_LAMBDA_IS_BUSY = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
]
_FAILURE = "$.failure"

Task = TypeVar("Task", tasks.CallAwsService, tasks.SqsSendMessage, sfn.CustomState)


def longest_minutes(timeout_minutes: int) -> int:
    """Return how many minutes a run takes at most, if only its last attempts succeed."""
    jobs = _JOB_ATTEMPTS * timeout_minutes + _JOB_PAUSE_MINUTES
    return jobs + _PUBLISH_ATTEMPTS * _PUBLISH_MINUTES + _CALLS_MINUTES


class RunStates:
    """The states of one state machine.

    Attributes:
        first: where a run starts.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        role: iam.Role,
        engine: SparkEngine,
        detector: DriftDetector,
        timeout_minutes: int,
    ) -> None:
        """Create the states, and grant the permissions that the CDK does not grant by itself.

        Args:
            scope: the construct that holds the states.
            role: the state machine's.
            engine: runs the jobs, and has the bucket for their events.
            detector: publishes a job's scores, and has the queue of failed events.
            timeout_minutes: how long a job may wait and run.
        """
        self._scope, self._role = scope, role
        self._engine, self._detector = engine, detector
        dead_letter = self._keep_dead_letter()
        dead_letter.next(self._failed())
        count = self._count_failure()
        count.next(dead_letter)
        # If the metric fails, the run still ends with its own failure.
        count.add_catch(dead_letter, result_path="$.uncounted")
        publish = self._publish()
        # The function has counted its own failures.
        publish.add_catch(dead_letter, result_path=_FAILURE)
        job = self._run_job(timeout_minutes)
        job.next(publish)
        job.add_catch(count, result_path=_FAILURE)
        event = self._keep_event()
        event.next(job)
        event.add_catch(count, result_path=_FAILURE)
        unknown = self._unknown_monitor()
        unknown.next(count)
        self.first = self._name_run().next(self._choose_role(event, unknown))

    def _name_run(self) -> sfn.Pass:
        """Give the run its own folder: an execution's name is used only once."""

        def named(text: str) -> str:
            return JsonPath.format(
                text, JsonPath.string_at("$.monitor.name"), JsonPath.string_at("$$.Execution.Name")
            )

        bucket = self._engine.scratch.bucket_name
        return sfn.Pass(
            self._scope,
            "NameRun",
            parameters={
                "event": JsonPath.entire_payload,
                "run": {
                    "key": named(f"{RUNS}/{{}}/{{}}/event.json"),
                    "event": named(f"s3://{bucket}/{RUNS}/{{}}/{{}}/event.json"),
                    "scores": named(f"s3://{bucket}/{RUNS}/{{}}/{{}}/scores/"),
                },
            },
        )

    def _choose_role(self, known: sfn.IChainable, unknown: sfn.IChainable) -> sfn.Choice:
        """Select the role that can read this monitor's tables only."""
        choice = sfn.Choice(self._scope, "ChooseRole").otherwise(unknown)
        for name, role in self._engine.job_roles.items():
            result = sfn.Result.from_string(role.role_arn)
            as_monitor = sfn.Pass(self._scope, f"As {name}", result=result, result_path="$.role")
            is_it = sfn.Condition.string_equals("$.event.monitor.name", name)
            choice.when(is_it, as_monitor.next(known))
        return choice

    def _unknown_monitor(self) -> sfn.Pass:
        """Fail for a monitor that is no longer deployed, whose event is older."""
        failure = {
            "Error": "UnknownMonitor",
            "Cause": "No monitor of this name is deployed with engine: spark.",
        }
        result = sfn.Result.from_object(failure)
        return sfn.Pass(self._scope, "UnknownMonitor", result=result, result_path=_FAILURE)

    def _keep_event(self) -> tasks.CallAwsService:
        """Write the event to S3 for the job: some events are too long for an argument."""
        scratch = self._engine.scratch
        self._engine.acknowledge_runs(self._role)
        keep = tasks.CallAwsService(
            self._scope,
            "KeepEvent",
            service="s3",
            action="putObject",
            iam_action="s3:PutObject",
            iam_resources=[scratch.arn_for_objects(f"{RUNS}/*")],
            parameters={
                "Bucket": scratch.bucket_name,
                "Key": JsonPath.string_at("$.run.key"),
                "Body": JsonPath.object_at("$.event"),
                "ContentType": "application/json",
            },
            task_timeout=sfn.Timeout.duration(_CALL),
            result_path=JsonPath.DISCARD,
        )
        return _again(keep)

    def _run_job(self, timeout_minutes: int) -> sfn.CustomState:
        """Run the job and wait for its end.

        A job that is too slow ends as `States.Timeout`, which is not tried again. EMR Serverless
        has the same timeout, but counts from the job's start, so it is always the later one to stop
        the job.
        """
        self._let_run_jobs()
        job = self._task(
            "RunJob",
            "emr-serverless:startJobRun.sync",
            Duration.minutes(timeout_minutes),
            {
                "ApplicationId": self._engine.application.attr_application_id,
                "ExecutionRoleArn.$": "$.role",
                "ExecutionTimeoutMinutes": timeout_minutes,
                "Name.$": "$.event.monitor.name",
                "Tags": {
                    "service": Stack.of(self._scope).stack_name,
                    "monitor.$": "$.event.monitor.name",
                },
                "JobDriver": {
                    "SparkSubmit": {
                        "EntryPoint": JOB,
                        "EntryPointArguments.$": (
                            "States.Array('--event', $.run.event, '--output', $.run.scores)"
                        ),
                    }
                },
            },
        )
        return job.add_retry(
            errors=["States.TaskFailed"],
            interval=Duration.minutes(_JOB_PAUSE_MINUTES),
            max_attempts=_JOB_ATTEMPTS - 1,
        )

    def _let_run_jobs(self) -> None:
        """Grant what starting this application's jobs with their roles, and waiting, needs."""
        stack, application = Stack.of(self._scope), self._engine.application
        service = "emr-serverless"
        self._allow(f"{service}:StartJobRun", on=[application.attr_arn])
        for action in ("CancelJobRun", "GetJobRun", "TagResource"):
            self._allow(f"{service}:{action}", on=[f"{application.attr_arn}/jobruns/*"])
        acknowledge(
            self._role,
            f"IAM5[Resource::<{stack.get_logical_id(application)}.Arn>/jobruns/*]",
            "A job's name is made when it is started; the application is this stack's own.",
        )
        rule = "StepFunctionsGetEventsForEMRServerlessJobRule"
        arn = stack.format_arn(service="events", resource="rule", resource_name=rule)
        for action in ("DescribeRule", "PutRule", "PutTargets"):
            self._allow(f"events:{action}", on=[arn])
        self._allow(
            "iam:PassRole",
            on=[role.role_arn for role in self._engine.job_roles.values()],
            where={"iam:PassedToService": f"{service}.amazonaws.com"},
        )

    def _publish(self) -> tasks.LambdaInvoke:
        """Invoke the function, which renders, publishes and sends the email."""
        arn = self._detector.function.function_arn
        publish = tasks.LambdaInvoke(
            self._scope,
            "Publish",
            # For a function the CDK would also grant all its versions; for a version, only its ARN.
            lambda_function=lambda_.Version.from_version_arn(self._scope, "Function", arn),
            payload=sfn.TaskInput.from_object(
                {
                    "monitor": JsonPath.object_at("$.event.monitor"),
                    "scheduled_at": JsonPath.string_at("$.event.scheduled_at"),
                    "event_id": JsonPath.string_at("$.event.event_id"),
                    "scores": JsonPath.string_at("$.run.scores"),
                }
            ),
            task_timeout=sfn.Timeout.duration(Duration.minutes(_PUBLISH_MINUTES)),
            retry_on_service_exceptions=False,
            output_path="$.Payload",
        )
        # For as long as other functions may use up the concurrency: the job is already paid for.
        publish.add_retry(
            errors=_LAMBDA_IS_BUSY,
            interval=Duration.seconds(2),
            backoff_rate=2,
            max_delay=Duration.seconds(60),
            max_attempts=20,
            jitter_strategy=sfn.JitterType.FULL,
        )
        publish.add_retry(
            errors=["States.TaskFailed"],
            interval=Duration.seconds(60),
            backoff_rate=2,
            max_attempts=_PUBLISH_ATTEMPTS - 1,
        )
        return publish

    def _count_failure(self) -> sfn.CustomState:
        """Write the metric that the function would have written if it had been invoked."""
        self._allow(
            "cloudwatch:PutMetricData",
            on=["*"],
            where={"cloudwatch:namespace": METRICS_NAMESPACE},
        )
        acknowledge(
            self._role,
            "IAM5[Resource::*]",
            "Metrics (of one namespace), traces and the delivery of logs have no resource to name.",
        )
        metric = {
            "MetricName": "RunsSucceeded",
            "Value": 0,
            "Unit": "Count",
            "Dimensions": [
                {"Name": "service", "Value": Stack.of(self._scope).stack_name},
                {"Name": "monitor", "Value.$": "$.event.monitor.name"},
            ],
        }
        resource = "aws-sdk:cloudwatch:putMetricData"
        parameters = {"Namespace": METRICS_NAMESPACE, "MetricData": [metric]}
        return _again(self._task("CountFailure", resource, _CALL, parameters))

    def _keep_dead_letter(self) -> tasks.SqsSendMessage:
        """Send the rule's event with the reason to the queue, in the form of Lambda's own."""
        letter = {
            "execution": JsonPath.execution_id,
            "failure": JsonPath.object_at(_FAILURE),
            "requestPayload": JsonPath.object_at("$.event"),
        }
        keep = tasks.SqsSendMessage(
            self._scope,
            "KeepDeadLetter",
            queue=self._detector.dead_letters,
            message_body=sfn.TaskInput.from_object(letter),
            task_timeout=sfn.Timeout.duration(_CALL),
            result_path=JsonPath.DISCARD,
        )
        return _again(keep)

    def _failed(self) -> sfn.Fail:
        cause = "The dead-letter queue has the run's event and the reason."
        return sfn.Fail(self._scope, "Failed", error="RunFailed", cause=cause)

    def _task(
        self, name: str, resource: str, timeout: Duration, parameters: Mapping[str, object]
    ) -> sfn.CustomState:
        """Return a task in the States Language, whose result is discarded."""
        state = {
            "Type": "Task",
            "Resource": f"arn:{Aws.PARTITION}:states:::{resource}",
            "TimeoutSeconds": timeout.to_seconds(),
            "Parameters": parameters,
            "ResultPath": JsonNull.INSTANCE,
        }
        return sfn.CustomState(self._scope, name, state_json=state)

    def _allow(self, action: str, *, on: list[str], where: Mapping[str, str] | None = None) -> None:
        conditions = {"StringEquals": where} if where else None
        self._role.add_to_policy(
            iam.PolicyStatement(actions=[action], resources=on, conditions=conditions)
        )


def _again(task: Task) -> Task:
    """Add retries for a short call."""
    task.add_retry(
        interval=Duration.seconds(2),
        backoff_rate=2,
        max_attempts=5,
        jitter_strategy=sfn.JitterType.FULL,
    )
    return task
