"""The CDK app: one stack per environment of cdk.json, from the monitors in its folder.

With `-c image=…` their functions come from images that are already built, and one more stack is
the registry that keeps these.
"""

import sys
from pathlib import Path

from aws_cdk import App

# The stacks read monitors as the function does; `cdk synth` needs requirements.txt and no install.
sys.path.insert(0, str(Path(__file__).parent / "lambda_src"))

from drift_monitor.config.load import load_monitors
from drift_monitor.errors import DriftMonitorError
from stacks import preflight
from stacks.monitor_stack import DriftMonitorStack
from stacks.registry_stack import ImageRegistryStack
from stacks.settings import CONTEXT_KEY, IMAGE_KEY, REGISTRY, read_image, read_settings
from stacks.spark.application import on_spark


def build(app: App) -> None:
    """Put one stack per environment into the app, and the registry if its images are used.

    What there is to know of a stack is said on stderr.

    Raises:
        DriftMonitorError: the settings or the monitors have mistakes; the message lists them.
    """
    image = read_image(app.node.try_get_context(IMAGE_KEY))
    environments = [
        (name, settings, load_monitors(Path(settings.monitors)))
        for name, settings in read_settings(app.node.try_get_context(CONTEXT_KEY)).items()
    ]
    spark = any(on_spark(monitors) for _, _, monitors in environments)
    registry = ImageRegistryStack(app, f"DriftMonitor-{REGISTRY}", spark=spark) if image else None
    for name, settings, monitors in environments:
        stack = DriftMonitorStack(
            app, f"DriftMonitor-{name}", settings=settings, monitors=monitors, image=image
        )
        if registry:
            stack.add_stack_dependency(registry)
        for note in preflight.notes(monitors, settings):
            # The CDK's command line shows warnings, and no annotation that is only informative.
            sys.stderr.write(f"{stack.stack_name}: {note}\n")


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
