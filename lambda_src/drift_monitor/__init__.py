"""Drift Monitor: compares the table a model sees now with the one it was trained on."""

import os
import sys

# Read when Arrow is imported. Its own choice keeps freed memory in pieces, a hundred megabytes of
# them over the columns of a wide table; jemalloc, which its Linux wheels bring, does not.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
