"""The command line: the same run as in Lambda, on a laptop.

Exit codes: 0 done, 1 failed, 2 wrong usage; of `run --fail-on-drift`, 3 drift found, 4 no verdict,
5 a critical check failed.
"""

import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from drift_monitor.cli.baseline import baseline
from drift_monitor.cli.check import check, event
from drift_monitor.cli.init import init
from drift_monitor.cli.options import err
from drift_monitor.cli.password import set_password
from drift_monitor.cli.preview import preview_email
from drift_monitor.cli.redrive import redrive
from drift_monitor.cli.replay import replay_command
from drift_monitor.cli.run import backfill, run_command
from drift_monitor.cli.site import rebuild, serve
from drift_monitor.cli.tune import tune
from drift_monitor.errors import DriftMonitorError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Compare the table a model sees now with the one it was trained on, column by column.",
    epilog="A monitor is a YAML file: see monitors/flights.yaml. Times are UTC.",
)
app.command("run")(run_command)
app.command()(backfill)
app.command()(check)
app.command()(event)
app.command()(init)
app.command()(baseline)
app.command()(rebuild)
app.command()(preview_email)
app.command("replay")(replay_command)
app.command()(tune)
app.command()(redrive)
app.command()(set_password)
app.command()(serve)


def main() -> None:
    """Run the command line; an error that the user can mend is one sentence."""
    try:
        app()
    except DriftMonitorError as error:
        _fail(str(error))
    except (BotoCoreError, ClientError) as error:
        _fail(f"AWS said no: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(sentence: str) -> None:
    err.print(sentence, style="red")
    sys.exit(1)
