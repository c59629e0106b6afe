"""How much goes on while the cluster is broken, and for how long it stays so.

The usual load leaves two cores that run some twenty processes time to answer: a machine that is full shows that alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """How many people there are, and what they do at once; each acts about every `pace` seconds.

    `calm_seconds` go before a fault; what was killed stays away for `dead_seconds`, or `away_seconds` if all of it was.
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
