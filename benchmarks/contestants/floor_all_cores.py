"""The floor with a column per core at once."""

import os

from floor import run_floor

run_floor(os.cpu_count() or 1)
