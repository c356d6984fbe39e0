"""The outputs of a deployed stack."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def stack_outputs(cloudformation: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return a stack's outputs by their names.

    Raises:
        DriftMonitorError: there is no such stack.
    """
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        region = cloudformation.meta.region_name
        raise DriftMonitorError(
            f"{stack} is no stack in {region}: look at its name, and at the account and region of "
            "your AWS credentials"
        ) from error
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
