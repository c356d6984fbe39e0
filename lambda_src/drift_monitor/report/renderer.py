"""Importing what renders Evidently's page, which takes seconds: once, and only where it is due."""

import gc
import sys
from importlib import import_module
from types import ModuleType

from drift_monitor.slow_imports import SLOW_IMPORTS

_RENDERER = "drift_monitor.report.evidently_report"


def load_renderer() -> ModuleType:
    """Import it without looking for garbage in what stays: that saves a tenth of the time."""
    with SLOW_IMPORTS:
        if _RENDERER in sys.modules:
            return sys.modules[_RENDERER]
        gc.disable()
        try:
            return import_module(_RENDERER)
        finally:
            gc.freeze()
            gc.enable()
