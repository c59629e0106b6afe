"""Load and duration of an experiment.

The default load leaves two cores with some twenty processes time to answer: a saturated machine would hide the faults.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadProfile:
    """Numbers of people and of concurrent clients; each client acts about every `pace` seconds.

    A fault begins after `calm_seconds`. A killed process stays away for `dead_seconds`, a whole killed store for
    `away_seconds`.
    """

    people: int = 120
    authors: int = 24
    writers: int = 3
    readers: int = 3
    watchers: int = 12
    pace: float = 1.0
    replicas: int = 1
    apis: int = 3
    workers: int = 2
    calm_seconds: float = 4.0
    dead_seconds: float = 8.0
    away_seconds: float = 30.0
    after_seconds: float = 3.0
