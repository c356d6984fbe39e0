"""The command that sets the user and password of a site."""

from collections.abc import Callable
from typing import Annotated

import boto3
import typer

from drift_monitor.cli.deployed.credential import (
    SHORTEST,
    CredentialStore,
    make_password,
    password_problem,
    user_problem,
)
from drift_monitor.cli.deployed.stack import stack_outputs
from drift_monitor.cli.options import out
from drift_monitor.errors import DriftMonitorError


def set_password(
    *,
    stack: Annotated[
        str, typer.Option(metavar="STACK", help="The environment's stack: DriftMonitor-prod.")
    ],
) -> None:
    """Set the user and password that a site on CloudFront asks for.

    For access cloudfront with password true. Both are asked for here, and
    written as a salted hash into the site's key-value store; whoever reads with
    the ones before is asked again. Until it is done the first time, nobody can
    read the site.

    Account and region are those of your AWS credentials.
    """
    store = CredentialStore(_store_of(stack))
    user = _good(user_problem, typer.prompt("User"))
    password = typer.prompt(
        f"Password, {SHORTEST} characters or more (Enter: one is made)",
        default="",
        show_default=False,
        hide_input=True,
    )
    if password:
        _good(password_problem, password)
        if typer.prompt("Once more", hide_input=True) != password:
            raise DriftMonitorError("the two passwords differ: nothing was changed")
    else:
        password = make_password()
        out.print(f"Password: {password}  (it is shown this once)")
    store.write(user, password)
    out.print(f"Set. In a minute or two the site of {stack} lets {user} in, and nobody else.")


def _store_of(stack: str) -> str:
    outputs = stack_outputs(boto3.client("cloudformation"), stack)
    try:
        return outputs["SiteCredentialStoreArn"]
    except KeyError as error:
        raise DriftMonitorError(
            f"{stack} asks for no password: deploy it with access cloudfront and password true "
            "first"
        ) from error


def _good(problem: Callable[[str], str | None], given: str) -> str:
    found = problem(given)
    if found:
        raise DriftMonitorError(f"{found}; nothing was changed")
    return given
