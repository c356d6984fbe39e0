"""Who may read a bucket, worked out from its template: no emulator serves `make test`.

It knows what our policies have in them, and fails on anything else. tests/deploy asks a server.
"""

from ipaddress import ip_address, ip_network
from typing import Any

from synthesis import SITE, Template, folded

KEY = "arn:site/index.html"


def may_read(template: Template, principal: str = "*", **context: str) -> bool:
    """Say whether a GET of a page is let through.

    Args:
        template: the stack's.
        principal: a service that asks; `*` is a reader without credentials.
        context: the request's condition keys, without `aws:`, such as SourceIp.
    """
    request = {"securetransport": "true"} | {key.lower(): each for key, each in context.items()}
    found = [
        statement["Effect"]
        for statement in _statements(template)
        if _is_of(statement["Principal"], principal)
        and statement["Action"] in {"s3:GetObject", "s3:*"}
        and KEY in _arns(statement["Resource"])
        and _holds(statement.get("Condition", {}), request)
    ]
    return "Allow" in found and "Deny" not in found


def _statements(template: Template) -> list[dict[str, Any]]:
    (policy,) = (
        resource["Properties"]
        for resource in template.of_type("AWS::S3::BucketPolicy").values()
        if resource["Properties"]["Bucket"] == {"Ref": SITE}
    )
    return policy["PolicyDocument"]["Statement"]


def _is_of(allowed: str | dict[str, str], principal: str) -> bool:
    if isinstance(allowed, str):
        return allowed in {"*", principal}
    return allowed.get("AWS") == "*" or allowed.get("Service") == principal


def _arns(resource: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Return what a statement is on; `/*` stands for the one key asked for."""
    arns = folded(resource if isinstance(resource, list) else [resource])
    known = {f"${{{SITE}.Arn}}": "arn:site", f"${{{SITE}.Arn}}/*": KEY}
    return {known[arn] for arn in arns}


def _holds(condition: dict[str, Any], request: dict[str, str]) -> bool:
    return all(
        _matches(operator, request.get(key.lower().removeprefix("aws:")), value)
        for operator, keys in condition.items()
        for key, value in keys.items()
    )


def _matches(operator: str, asked: str | None, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Compare as IAM does: a key that the request does not have matches nothing."""
    if asked is None:
        return False
    match operator:
        case "IpAddress":
            return any(ip_address(asked) in ip_network(each) for each in value)
        case "StringEquals":
            return asked == folded(value)
        case "Bool":
            return asked == value
    raise AssertionError(f"{operator} is an operator that this does not know")
