"""One lock for what is imported when it is needed: Evidently and scipy, which take seconds.

Their modules import one another in circles. Two threads that enter such a circle at different
places wait for each other, and Python ends one of them with a _DeadlockError.
"""

from threading import Lock

SLOW_IMPORTS = Lock()
