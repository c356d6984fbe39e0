"""What takes seconds to import, when it is needed: Evidently and scipy, under one lock.

Their modules import one another in circles. Two threads that enter such a circle at different
places wait for each other, and Python ends one of them with a _DeadlockError.
"""

import gc
import sys
from importlib import import_module
from threading import Lock
from types import ModuleType

SLOW_IMPORTS = Lock()

_RENDERER = "drift_monitor.site.pages.evidently_report"


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
