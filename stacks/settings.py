"""The deployment's settings: cdk.json's context, by environment."""

import re
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from aws_cdk.aws_logs import RetentionDays
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from drift_monitor.config.engines import DRIVER, MEMORY_GB, Worker
from drift_monitor.config.monitor import EmailAddress
from drift_monitor.errors import DriftMonitorError
from stacks.common.ip_ranges import parse_range

CONTEXT_KEY = "drift-monitor"
IMAGE_KEY = "image"
# The name of the images' own stack, so no environment can have it.
REGISTRY = "registry"

# The retention that CloudWatch Logs accepts, in days.
LOG_RETENTION = {
    1: RetentionDays.ONE_DAY,
    3: RetentionDays.THREE_DAYS,
    5: RetentionDays.FIVE_DAYS,
    7: RetentionDays.ONE_WEEK,
    14: RetentionDays.TWO_WEEKS,
    30: RetentionDays.ONE_MONTH,
    60: RetentionDays.TWO_MONTHS,
    90: RetentionDays.THREE_MONTHS,
    120: RetentionDays.FOUR_MONTHS,
    150: RetentionDays.FIVE_MONTHS,
    180: RetentionDays.SIX_MONTHS,
    365: RetentionDays.ONE_YEAR,
    400: RetentionDays.THIRTEEN_MONTHS,
    545: RetentionDays.EIGHTEEN_MONTHS,
    731: RetentionDays.TWO_YEARS,
    1096: RetentionDays.THREE_YEARS,
    1827: RetentionDays.FIVE_YEARS,
    2192: RetentionDays.SIX_YEARS,
    2557: RetentionDays.SEVEN_YEARS,
    2922: RetentionDays.EIGHT_YEARS,
    3288: RetentionDays.NINE_YEARS,
    3653: RetentionDays.TEN_YEARS,
}

_TAG_OR_DIGEST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64}")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
# IAM matches a key by its own ARN, never by an alias.
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
# CloudFront looks for its certificates in this region, wherever the stack is.
_CERTIFICATE_ARN = re.compile(r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def _log_retention(days: int) -> int:
    if days not in LOG_RETENTION:
        nearest = min(LOG_RETENTION, key=lambda known: abs(known - days))
        raise ValueError(
            f"CloudWatch keeps no logs for {days} days; the nearest it has is {nearest}"
        )
    return days


def _worker_memory(memory_gb: int) -> int:
    if memory_gb not in MEMORY_GB:
        nearest = min(MEMORY_GB, key=lambda known: abs(known - memory_gb))
        raise ValueError(
            f"EMR Serverless has no worker of {memory_gb} GB; the nearest it has is {nearest}"
        )
    return memory_gb


def _key_arn(arn: str) -> str:
    if not _KEY_ARN.fullmatch(arn):
        raise ValueError(f"{arn} is not a KMS key's ARN: arn:aws:kms:REGION:ACCOUNT:key/ID")
    return arn


def _https(url: str) -> str:
    if not re.fullmatch(r"https://[^\s#()<>]+", url):
        raise ValueError(f"{url} is not an address that begins with https:// and has no #section")
    return url


def _certificate_arn(arn: str) -> str:
    if not _CERTIFICATE_ARN.fullmatch(arn):
        raise ValueError(
            f"{arn} is not a certificate that CloudFront can use: "
            "arn:aws:acm:us-east-1:ACCOUNT:certificate/ID, in us-east-1 whatever the stack's region"
        )
    return arn


def _domain(name: str) -> str:
    if not _DOMAIN.fullmatch(name):
        raise ValueError(f"{name} is not a domain such as drift.example.com, in lower case")
    return name


IpRange = Annotated[str, AfterValidator(parse_range)]


class DeploymentSettings(BaseModel):
    """One environment's settings. All have defaults, so `{}` deploys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    monitors: str = "monitors"
    """The folder of the monitors' YAML files, relative to cdk.json."""
    emails: list[EmailAddress] = []
    """Who gets the emails of monitors that name no address."""
    access: Literal["public", "allowlist", "cloudfront"] = "public"
    """Who may read the site, and from where. public: anyone who has its address, from S3.
    allowlist: the addresses in allow_ips, from S3. cloudfront: the addresses in allow_ips, readers
    with the password, or, if both are set, readers with both, from CloudFront over HTTPS."""
    allow_ips: Annotated[list[IpRange], Field(max_length=50)] = []
    """Ranges of public addresses that may read the site, such as 203.0.113.0/24."""
    password: bool = False
    """Whether the site on CloudFront asks for the user and password of drift-monitor
    set-password."""
    domain: Annotated[str, AfterValidator(_domain)] | None = None
    """The site's own domain on CloudFront, such as drift.example.com; its DNS is yours."""
    certificate_arn: Annotated[str, AfterValidator(_certificate_arn)] | None = None
    """The domain's certificate: one of ACM's, in us-east-1."""
    report_retention_days: Annotated[int, Field(ge=1)] = 400
    """How long the HTML reports are kept. Results and history are kept forever: they are small."""
    on_destroy: Literal["retain", "destroy"] = "retain"
    """What `cdk destroy` does with the site's bucket and everything in it."""
    run_on_deploy: bool = True
    """Whether each monitor runs right after a deploy."""
    data_key_arns: list[Annotated[str, AfterValidator(_key_arn)]] = []
    """The KMS keys that the tables are encrypted with."""
    extras: list[Literal["delta", "iceberg"]] = []
    """The table formats whose libraries are in the image: delta adds 140 MB, iceberg 50 MB."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """The processor; the image is built for it."""
    memory_mb: Annotated[int, Field(ge=512, le=10_240)] = 3008
    """The function's memory. 3,008 is a new account's limit."""
    ephemeral_storage_mb: Annotated[int, Field(ge=512, le=10_240)] = 2048
    """The size of the function's /tmp."""
    spark_maximum_vcpu: Annotated[int, Field(ge=8, le=4000, multiple_of=4)] = 16
    """The most processors that monitors with engine: spark use at a time: it limits their cost.
    Four are for the driver, the others for the workers. 16 is a new account's limit."""
    spark_worker_memory_gb: Annotated[int, AfterValidator(_worker_memory)] = 16
    """The memory of each of Spark's workers: 8 to 120. Their processors follow from it: 4 up to
    30 GB, 8 up to 60 and 16 above. A column of both tables is compared by one worker."""
    spark_timeout_minutes: Annotated[int, Field(ge=15, le=720)] = 120
    """How long a Spark job may take, including its wait for other monitors' jobs."""
    log_retention_days: Annotated[int, AfterValidator(_log_retention)] = 90
    """How long the function's logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, …"""
    runbook_url: Annotated[str, AfterValidator(_https)] | None = None
    """The address of your copy of docs/runbook.md, to which alarms and the dashboard link."""

    @model_validator(mode="after")
    def _say_who_may_read(self) -> Self:
        """Refuse incomplete access settings, and settings of another access."""
        if self.access != "cloudfront":
            for name in ("password", "domain", "certificate_arn"):
                if getattr(self, name):
                    raise ValueError(f"{name} needs access cloudfront; it is {self.access}")
        match self.access:
            case "public" if self.allow_ips:
                raise ValueError("allow_ips needs access allowlist or cloudfront; it is public")
            case "allowlist" if not self.allow_ips:
                raise ValueError(
                    "access allowlist lets nobody in: name ranges under allow_ips, such as "
                    "203.0.113.0/24"
                )
            case "cloudfront" if not (self.allow_ips or self.password):
                raise ValueError(
                    "access cloudfront does not say who may read: name ranges under allow_ips, set "
                    "password to true, or both"
                )
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("domain and certificate_arn go together: one of them is missing")
        return self

    @model_validator(mode="after")
    def _have_a_worker(self) -> Self:
        """Refuse settings with which no worker fits beside the driver."""
        if not self.spark_workers:
            worker, room = self.spark_worker, self.spark_maximum_vcpu - DRIVER.vcpu
            fits = max(each for each in MEMORY_GB if Worker(each).vcpu <= room)
            raise ValueError(
                f"spark_maximum_vcpu {self.spark_maximum_vcpu} has no room for a worker of "
                f"spark_worker_memory_gb {worker.memory_gb}, which has {worker.vcpu} vCPU beside "
                f"the driver's {DRIVER.vcpu}: raise the first to {worker.vcpu + DRIVER.vcpu}, or "
                f"lower the second to {fits}"
            )
        return self

    @property
    def spark_worker(self) -> Worker:
        """The size of each of Spark's workers."""
        return Worker(self.spark_worker_memory_gb)

    @property
    def spark_workers(self) -> int:
        """How many of Spark's workers there may be at a time, beside the driver."""
        return (self.spark_maximum_vcpu - DRIVER.vcpu) // self.spark_worker.vcpu


def read_settings(context: object) -> dict[str, DeploymentSettings]:
    """Return cdk.json's settings by environment, in the order of their names.

    Raises:
        DriftMonitorError: there are none, or they have mistakes; all are listed, one a line.
    """
    if not isinstance(context, dict) or not context:
        raise DriftMonitorError(
            f'cdk.json: its context has no "{CONTEXT_KEY}": name an environment there, such as '
            '{"dev": {}}, and start with the cdk command'
        )
    environments: dict[str, DeploymentSettings] = {}
    mistakes: list[str] = []
    for name, settings in sorted(context.items()):
        where = f"cdk.json: {CONTEXT_KEY}.{name}"
        if not _ENVIRONMENT.fullmatch(name):
            mistakes.append(
                f"{where}: an environment's name is lower-case letters, digits and hyphens, begins "
                "with a letter and has 32 at most"
            )
            continue
        if name == REGISTRY:
            mistakes.append(f"{where}: this name is the images' own: choose another one")
            continue
        try:
            environments[name] = DeploymentSettings.model_validate(settings)
        except ValidationError as invalid:
            mistakes += [f"{where}{_problem(error)}" for error in invalid.errors()]
    if mistakes:
        raise DriftMonitorError("\n".join(mistakes))
    return environments


def read_image(context: object) -> str | None:
    """Return the tag or digest of the registry's image to deploy; None builds one.

    Raises:
        DriftMonitorError: it is neither.
    """
    if context is None:
        return None
    if not isinstance(context, str) or not _TAG_OR_DIGEST.fullmatch(context):
        raise DriftMonitorError(
            f"{IMAGE_KEY}: {context!r} is no image of the registry: give its tag (such as v1) or "
            "its digest (sha256: and 64 hexadecimal digits) alone, without the repository's address"
        )
    return context


def _problem(error: ErrorDetails) -> str:
    """Return pydantic's finding as a sentence: where, and what is wrong."""
    if error["type"] == "value_error" and not error["loc"]:
        return f": {error['msg'].removeprefix('Value error, ')}"
    if not error["loc"]:
        return ': should be a mapping such as {"emails": []}'
    path = "".join(f".{step}" for step in error["loc"])
    if error["type"] == "extra_forbidden":
        known = list(DeploymentSettings.model_fields)
        near = get_close_matches(str(error["loc"][-1]), known, n=1, cutoff=0.5)
        advice = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return f"{path}: is not a setting; {advice}"
    return f"{path}: {error['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
