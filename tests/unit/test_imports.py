"""What starts quickly must stay quick: Lambda's init phase is cut at 10 s, Evidently takes more."""

import subprocess
import sys

import pytest

HEAVY = {"evidently", "pandas", "pyarrow", "numpy"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("drift_lambda", HEAVY),
        ("drift_monitor.cli.main", HEAVY),
        ("drift_monitor.config.load", HEAVY | {"boto3"}),
    ],
)
def test_importing_it_does_not_bring(module: str, unwanted: set[str]) -> None:
    show = f"import sys, {module}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert unwanted & set(found.stdout.split()) == set()
