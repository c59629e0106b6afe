"""Python's collector of cycles, told what stays: what a process loaded at its start is never walked again."""

import gc

YOUNG, MIDDLE, OLD = 10_000, 20, 50
"""A page of tweets makes some hundred objects that end with it; the collector is to look for cycles, not at those."""


def tune_collector() -> None:
    """Call once, when the process has made what it keeps. A full collection then costs what came since."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
