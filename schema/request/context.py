"""Request context: identity, services, live events, and data loaders that batch look-ups."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cached_property, partial
from math import ceil
from typing import Any, TypeVar

from strawberry.types import Info as StrawberryInfo

from core.auth.tokens import utc_now
from core.errors import UnauthenticatedError
from core.ids import MediaId, TweetId, UserId
from core.moderation import Subject
from datastore.records.items import ItemRecord, TweetCounts
from datastore.records.users import UserCounts, UserRecord
from datastore.stores import Stores
from datastore.tweets.viewer_state import ViewerState
from datastore.users.viewpoint_records import Viewpoint
from resolvers.accounts import profiles
from resolvers.graph import follows
from resolvers.graph.follows import RelationshipRecord
from resolvers.identity import Identity
from resolvers.media.pictures import Picture, pictures_of
from resolvers.moderation.subjects import SeenSubject, seen_subjects
from resolvers.rate_limit import Rate
from resolvers.services import Services
from resolvers.tweets import conversations, tweets, viewer_state
from resolvers.viewpoints import local_viewpoint_of, viewpoint_of
from schema.request.dataloader import Loader
from subscriptions.live import Live

K = TypeVar("K")
V = TypeVar("V")
Needed = TypeVar("Needed")


_PERMANENT = frozenset({"services", "live", "identity", "address", "rate", "since"})


class RequestContext:
    """Context of one HTTP request or of one operation on a websocket, so that loaded rows are never older than it.

    Rows that are as of `since`, the time when the operation arrived (by `time.monotonic`), are new enough for it.
    Loaders do not refer to their context: a context with its rows is freed with its request, not by a collection.
    """

    def __init__(
        self,
        services: Services,
        live: Live,
        *,
        identity: Identity | None,
        address: str,
        rate: Rate,
        since: float | None = None,
    ) -> None:
        self.services, self.live, self.identity = services, live, identity
        self.address, self.rate = address, rate
        self.since = time.monotonic() if since is None else since

    @property
    def response_headers(self) -> Mapping[str, str]:
        """The rate limit in the headers of the IETF's draft and of its earlier versions."""
        rate = self.rate
        seconds = max(ceil((rate.reset_at - utc_now()).total_seconds()), 0)
        return {
            "ratelimit-policy": f'"points";q={rate.limit};w=60',
            "ratelimit": f'"points";r={rate.remaining};t={seconds}',
            "ratelimit-limit": str(rate.limit),
            "ratelimit-remaining": str(rate.remaining),
            "ratelimit-reset": str(seconds),
        }

    @property
    def stores(self) -> Stores:
        return self.services.stores

    @property
    def log_fields(self) -> Mapping[str, object]:
        return {"person": None if self.identity is None else self.identity.user_id}

    @property
    def has_viewer(self) -> bool:
        return self.identity is not None

    @property
    def signed_in(self) -> Identity:
        """Raises UnauthenticatedError without an identity."""
        if self.identity is None:
            raise UnauthenticatedError
        return self.identity

    def sign_in(self, identity: Identity) -> None:
        """Sets the identity for the rest of the request, so that the answer to a sign-in may select the viewer."""
        self.identity = identity
        self.forget()

    def forget(self) -> None:
        """Drops everything loaded. Call it after an act, which may have changed the rows."""
        for name in [name for name in vars(self) if name not in _PERMANENT]:
            delattr(self, name)
        self.since = time.monotonic()

    def for_event(self) -> "RequestContext":
        """Context of one event of a subscription, so that loaded rows are never older than the event."""
        return RequestContext(self.services, self.live, identity=self.identity, address=self.address, rate=self.rate)

    def for_shared_event(self) -> "SharedContext":
        """Context of one event shared by several subscribers."""
        return SharedContext(self.services, self.live, identity=self.identity, address=self.address, rate=self.rate)

    @property
    def local_viewpoint(self) -> Viewpoint | None:
        """The viewpoint without waiting, None if it must be read."""
        return local_viewpoint_of(self.services.stores.users, self.identity, self.since)

    @property
    def viewpoint(self) -> Awaitable[Viewpoint]:
        """The viewer's viewpoint, or the anonymous one. Shielded: a cancelled waiter does not cancel others."""
        return asyncio.shield(self._viewpoint)

    @cached_property
    def _viewpoint(self) -> asyncio.Future[Viewpoint]:
        return asyncio.ensure_future(viewpoint_of(self.services.stores.users, self.identity))

    @cached_property
    def users(self) -> Loader[UserId, UserRecord | None]:
        return self._loader(profiles.get_many, self.stores.users)

    @cached_property
    def user_counts(self) -> Loader[UserId, UserCounts]:
        return self._loader(profiles.counts_of, self.stores.users)

    @cached_property
    def items(self) -> Loader[TweetId, ItemRecord | None]:
        """Items by id; None for those that the viewer may not see."""
        return Loader("items", partial(tweets.visible_items, self.services, self.identity))

    @cached_property
    def tweet_counts(self) -> Loader[TweetId, TweetCounts]:
        return self._loader(tweets.counts_of, self.stores.tweets)

    @cached_property
    def pictures(self) -> Loader[MediaId, Picture | None]:
        """Pictures by id, whoever looks."""
        return Loader("pictures", partial(pictures_of, self.services, since=self.since))

    @cached_property
    def subjects(self) -> Loader[Subject, SeenSubject | None]:
        """Subjects of reports and decisions, None where the viewer may not see them."""
        return Loader("subjects", partial(seen_subjects, self.services, self.identity))

    @cached_property
    def relationships(self) -> Loader[UserId, RelationshipRecord]:
        return self._viewer_loader(follows.relationships, self.services)

    @cached_property
    def followers(self) -> Loader[UserId, bool]:
        """Whether each of these people follows the viewer."""
        return self._viewer_loader(follows.are_followers, self.stores.users)

    @cached_property
    def viewer_states(self) -> Loader[TweetId, ViewerState]:
        return self._viewer_loader(viewer_state.viewer_states_of, self.stores.tweets)

    @cached_property
    def muted_conversations(self) -> Loader[TweetId, bool]:
        """Whether the viewer mutes the conversation that each of these tweets started."""
        return self._viewer_loader(conversations.muted_by, self.stores.notifications)

    def _viewer_loader(
        self, load: Callable[[Needed, Identity, Sequence[K]], Coroutine[Any, Any, list[V]]], needed: Needed
    ) -> Loader[K, V]:
        """A loader of rows that belong to the viewer. Raises UnauthenticatedError without one."""
        return Loader(load.__name__, partial(load, needed, self.signed_in))

    def _loader(
        self, load: Callable[[Needed, Sequence[K]], Coroutine[Any, Any, list[V]]], needed: Needed
    ) -> Loader[K, V]:
        return Loader(load.__name__, partial(load, needed))


class SharedContext(RequestContext):
    """Context of a shared event; notes in `is_personal` whether the answer depends on the viewer."""

    is_personal = False

    @property
    def has_viewer(self) -> bool:
        return True

    @property
    def identity(self) -> Identity | None:
        self.is_personal = True
        return self._identity

    @identity.setter
    def identity(self, identity: Identity | None) -> None:
        self._identity = identity


Info = StrawberryInfo[RequestContext, None]
