"""What each Python process that a test starts does first, as this folder is on its path.

It collects no garbage, not even at its end: none lives long enough to need that, and loading the SDK makes much to look
through. A quarter of the time of hundreds of processes was spent on it.
"""

import atexit
import gc

gc.disable()
atexit.register(gc.freeze)
