"""Live timelines, sessions and acts of a Rookery server.

Operations, their variables and the objects of their answers are in `rookery_client.generated`.
"""

from rookery_client.client import Rookery
from rookery_client.errors import RefusedError, RookeryError, SignedOutError
from rookery_client.generated import VERSION
from rookery_client.items import tweet_of
from rookery_client.notifications import Notifications, NotificationsView
from rookery_client.operation import Operation
from rookery_client.timeline import Timeline

__all__ = [
    "VERSION",
    "Notifications",
    "NotificationsView",
    "Operation",
    "RefusedError",
    "Rookery",
    "RookeryError",
    "SignedOutError",
    "Timeline",
    "tweet_of",
]
