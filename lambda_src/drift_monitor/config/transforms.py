"""The Python file with a monitor's `transform`: where it is, and whether it has the function.

It is parsed here, not executed: so `cdk synth` and `drift-monitor check` run no code of the user.
See docs/transform.md.
"""

import ast
import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from drift_monitor.errors import DriftMonitorError

TRANSFORMS = Path(__file__).parents[2] / "transforms"
"""The folder that the image has too: lambda_src/transforms here."""

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_SAFE = re.compile(rf"({_PART}/)*{_PART}\.py")


def _safe(name: str) -> str:
    if not _SAFE.fullmatch(name):
        raise ValueError(
            f"{name} should be a Python file in lambda_src/transforms, such as flights.py: of "
            "letters, digits, _, - and ., with no .. and nothing hidden"
        )
    return name


TransformName = Annotated[str, AfterValidator(_safe), Field(examples=["flights.py"])]


def find_transform(name: str) -> Path:
    """Return where a transform's file is: among those of the image, or in the working folder.

    Raises:
        DriftMonitorError: it is in neither.
    """
    for path in (TRANSFORMS / name, Path(name)):
        if path.is_file():
            return path
    raise DriftMonitorError(
        f"{name} is neither in lambda_src/transforms nor in the working folder: put it into the "
        "first, where the image has it too"
    )


def digest_of(name: str) -> str:
    """Return the SHA-256 of a transform's file.

    Raises:
        DriftMonitorError: it is not there.
    """
    return sha256(find_transform(name).read_bytes()).hexdigest()


def check_transform(name: str) -> None:
    """Check a transform's file.

    Raises:
        DriftMonitorError: it is not there, is not Python or does not define `transform(table)`;
            the message names the line.
    """
    path = find_transform(name)
    try:
        tree = ast.parse(path.read_bytes(), str(path))
        compile(tree, str(path), "exec")
    except SyntaxError as error:
        raise DriftMonitorError(f"{path}:{error.lineno or 1}: {error.msg}") from error
    except ValueError as error:
        raise DriftMonitorError(f"{path}: is not Python: {error}") from error
    found = [node for node in tree.body if getattr(node, "name", None) == "transform"]
    if not found or not isinstance(found[-1], ast.FunctionDef):
        raise DriftMonitorError(f"{path}: has no function transform: write def transform(table): …")
    if not _takes_a_table(found[-1].args):
        raise DriftMonitorError(
            f"{path}:{found[-1].lineno}: transform is given the table alone: write "
            "def transform(table): …"
        )


def _takes_a_table(parameters: ast.arguments) -> bool:
    positional = len(parameters.posonlyargs) + len(parameters.args)
    required = positional - len(parameters.defaults)
    lacks_keyword = any(default is None for default in parameters.kw_defaults)
    return required <= 1 <= positional + bool(parameters.vararg) and not lacks_keyword
