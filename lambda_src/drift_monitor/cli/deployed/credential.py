"""The user and password that a site on CloudFront asks for: what is kept of them, and where.

CloudFront's function has a millisecond for a request: time for one hash, not for one that is slow
on purpose. So a password must be one that nobody guesses, however fast: long, or made here.
"""

import hmac
import json
import secrets
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import MissingDependencyException

from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

SHORTEST = 16
# What stacks/site/viewer_request.js looks for.
_KEY = "credential"


def user_problem(user: str) -> str | None:
    """Return what is wrong with a user, if anything: browsers disagree on what is not ASCII."""
    if not user or ":" in user or not (user.isascii() and user.isprintable()):
        return "a user is letters, digits and signs of ASCII, without a colon"
    return None


def password_problem(password: str) -> str | None:
    """Return what is wrong with a password, if anything."""
    if not (password.isascii() and password.isprintable()):
        return "a password is letters, digits and signs of ASCII: browsers disagree on others"
    if len(password) < SHORTEST:
        return f"a password has {SHORTEST} characters at least: its hash is a fast one"
    return None


def make_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(18)


def hashed(user: str, password: str, salt: str) -> str:
    """Return what is kept: what stacks/site/viewer_request.js compares with."""
    digest = hmac.digest(salt.encode(), f"{user}:{password}".encode(), "sha256")
    return json.dumps({"salt": salt, "hash": digest.hex()})


class CredentialStore:
    """The key-value store that a site's function reads."""

    def __init__(self, arn: str) -> None:
        """Open it.

        Raises:
            DriftMonitorError: what signs requests to it is not installed.
        """
        self._client: CloudFrontKeyValueStoreClient = boto3.client("cloudfront-keyvaluestore")
        self._arn = arn
        try:
            self._version = self._client.describe_key_value_store(KvsARN=arn)["ETag"]
        except MissingDependencyException as error:
            raise DriftMonitorError(
                "requests to a key-value store are signed by awscrt, which is not installed here: "
                'pip install "boto3[crt]"'
            ) from error

    def write(self, user: str, password: str) -> None:
        """Replace what is kept by a user's hash; raise if it has just changed."""
        self._client.put_key(
            KvsARN=self._arn,
            Key=_KEY,
            Value=hashed(user, password, secrets.token_hex(16)),
            IfMatch=self._version,
        )
