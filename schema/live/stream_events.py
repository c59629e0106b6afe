"""Events of resumable subscriptions: their interface, their `after` argument and the description of resuming."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.values import enums  # noqa: F401 - describes the reasons before they are used
from schema.values.scopes import BY_NOTIFICATION_EVENTS

RESUMING = (
    "in order, once each. "
    "Without `after`, from now on; with the headCursor of a page or the cursor of the last event seen, from there."
)
Resume = Annotated[str | None, strawberry.argument(description="Cursor after which to continue.")]


@strawberry.interface(
    directives=BY_NOTIFICATION_EVENTS,
    description="An event. A client that resumes with the last cursor it saw misses nothing.",
)
class StreamEvent:
    cursor: str = strawberry.field(description="Cursor of the event: pass it to `after`.")
    at: datetime = strawberry.field(description="When it happened.")
