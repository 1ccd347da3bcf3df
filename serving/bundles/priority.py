"""Threads that stand back: what they do can wait, replies cannot."""

import os
import sys
import threading

NICE = 10


def stand_back() -> None:
    """Let other threads run before the one that calls this, for good.

    Linux knows the priority of a thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
