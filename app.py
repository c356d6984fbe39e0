"""The CDK app: one stack per environment of cdk.json, from the monitors in its folder."""

import sys
from pathlib import Path

from aws_cdk import App

# The stacks read monitors as the function does; `cdk synth` needs requirements.txt and no install.
sys.path.insert(0, str(Path(__file__).parent / "lambda_src"))

from drift_monitor.errors import DriftMonitorError
from drift_monitor.monitor_file import load_monitors
from stacks.drift_monitor_stack import DriftMonitorStack
from stacks.settings import CONTEXT_KEY, read_settings


def build(app: App) -> None:
    """Put one stack per environment into the app.

    Raises:
        DriftMonitorError: the settings or the monitors have mistakes; the message lists them.
    """
    for name, settings in read_settings(app.node.try_get_context(CONTEXT_KEY)).items():
        monitors = load_monitors(Path(settings.monitors))
        DriftMonitorStack(app, f"DriftMonitor-{name}", settings=settings, monitors=monitors)


def main() -> None:
    """Synthesize; what the user can mend ends it with a sentence each, no traceback."""
    app = App()
    try:
        build(app)
    except DriftMonitorError as mistakes:
        sys.exit(str(mistakes))
    app.synth()


if __name__ == "__main__":
    main()
