"""AWS on loopback: ministack, with its few answers mended that would lead the CDK astray.

Runs in .venv-emulator: ministack pins a botocore that the project's boto3 does not go with.
"""

import json
import os
import sys
import threading
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import error_response_json
from ministack.services import ecr
from ministack.services.cloudformation import custom_resource

_describe_images = ecr._describe_images  # noqa: SLF001 - there is no other way in
_resource_arn = iam_actions.extract_resource_arn


def _describe_images_or_fail(request: dict[str, Any]) -> object:
    """Refuse an image that is not there; with ministack's empty list the CDK would not push it."""
    for image in request.get("imageIds") or []:
        if ecr._find_image(request["repositoryName"], image) is None:  # noqa: SLF001
            return error_response_json("ImageNotFoundException", f"{image} does not exist", 400)
    return _describe_images(request)


def _arn_of_the_one_repository(*request: Any) -> str:  # noqa: ANN401 - ministack's own
    """Find the repository that DescribeRepositories names in a list, as IAM does."""
    service, _, _, _, body, *_, region, account = request
    if service == "ecr":
        match json.loads(body or b"{}").get("repositoryNames"):
            case [name]:
                return f"arn:aws:ecr:{region}:{account}:repository/{name}"
    return _resource_arn(*request)


def _answer_for_custom_resource(
    _request: str,
    logical_id: str,
    *_: object,
    physical_id: str | None = None,
    **__: object,
) -> tuple[str, dict[str, object]]:
    """Say that it is done: the CDK's bucket emptier needs the AWS SDK that Lambda's Node has."""
    return physical_id or logical_id, {}


def _end_with_the_tests() -> None:
    """Wait for the end of a pipe that nobody writes to: it comes even if the tests are killed."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    ecr._describe_images = _describe_images_or_fail  # noqa: SLF001
    iam_actions.extract_resource_arn = _arn_of_the_one_repository
    custom_resource.invoke_custom_resource = _answer_for_custom_resource
    # With TLS it would take port 443 as well.
    app._port_is_bindable = lambda *_: False  # noqa: SLF001
    app.main()
