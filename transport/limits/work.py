"""Work of fields in points: what an operation takes of the servers beyond the objects that it returns.

The application measures it and hands the table over; without one, points are the objects alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldWork:
    """`points` of each call of a field; `more` of calls in which an argument has a value: {("mode", "TOP"): 100}.

    `each`: of each item of its page or list.
    """

    points: int = 0
    more: Mapping[tuple[str, str], int] = field(default_factory=dict)
    each: int = 0


@dataclass(frozen=True, slots=True)
class WorkTable:
    """`operation`: points of any operation. `fields`: by `Type.field`; `page`: of other fields that have pages.

    `mutation`: of other fields of the root of mutations. So many objects that may be returned are a point as
    `objects_a_point` says, begun points count.
    """

    operation: int = 0
    page: int = 0
    mutation: int = 0
    objects_a_point: int = 1
    fields: Mapping[str, FieldWork] = field(default_factory=dict)


NO_WORK = WorkTable()
