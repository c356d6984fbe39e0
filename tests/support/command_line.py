"""Runs the command line as a terminal does, but in this process."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from drift_monitor.cli.main import main


class Done(NamedTuple):
    code: int
    out: str
    err: str


CommandLine = Callable[..., Done]


@pytest.fixture
def drift_monitor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """Run `drift-monitor ARGUMENTS…`: no traceback, whatever happens."""

    def command(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["drift-monitor", *map(str, arguments)])
        with pytest.raises(SystemExit) as exited:
            main()
        code = exited.value.code
        return Done(
            code if isinstance(code, int) else 0 if code is None else 1, *capsys.readouterr()
        )

    return command
