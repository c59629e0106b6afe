"""What one request carries: who asks, the use cases' services, and loaders that join look-ups into batches."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cached_property
from math import ceil
from typing import Any, TypeVar

from strawberry.types import Info as StrawberryInfo

from core.auth.tokens import utc_now
from core.errors import UnauthenticatedError
from core.ids import TweetId, UserId
from datastore.records.items import ItemRecord, TweetCounts
from datastore.records.users import UserCounts, UserRecord
from datastore.tweets.viewer_state import ViewerState
from datastore.users.viewpoints import Viewpoint
from resolvers.accounts import profiles
from resolvers.graph import follows
from resolvers.graph.follows import RelationshipRecord
from resolvers.identity import Identity
from resolvers.rate_limit import Rate
from resolvers.services import Services
from resolvers.tweets import tweets, viewer_state
from resolvers.viewpoints import viewpoint_of
from schema.request.dataloader import Loader
from subscriptions.live import Live

K = TypeVar("K")
V = TypeVar("V")


_GIVEN = frozenset({"services", "live", "identity", "address", "rate"})


class RequestContext:
    """Of one HTTP request, or of one operation on a websocket: what loaders remember is never older than that."""

    def __init__(self, services: Services, live: Live, *, identity: Identity | None, address: str, rate: Rate) -> None:
        self.services, self.live, self.identity = services, live, identity
        self.address, self.rate = address, rate

    @property
    def response_headers(self) -> Mapping[str, str]:
        """What is left of the rate limit: as the IETF's draft has it, and as earlier drafts had."""
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
    def log_fields(self) -> Mapping[str, object]:
        return {"person": None if self.identity is None else self.identity.user_id}

    @property
    def has_viewer(self) -> bool:
        return self.identity is not None

    @property
    def signed_in(self) -> Identity:
        """Raises UnauthenticatedError where nobody is."""
        if self.identity is None:
            raise UnauthenticatedError
        return self.identity

    def sign_in(self, identity: Identity) -> None:
        """For the rest of the request: what a sign-in answers may ask for the viewer."""
        self.identity = identity
        self.forget()

    def forget(self) -> None:
        """After an act: what was looked up before it may be otherwise now."""
        for name in [name for name in vars(self) if name not in _GIVEN]:
            delattr(self, name)

    def for_event(self) -> "RequestContext":
        """One event of a subscription: what loaders remember is never older than it."""
        return RequestContext(self.services, self.live, identity=self.identity, address=self.address, rate=self.rate)

    def for_shared_event(self) -> "SharedContext":
        """One event that several people are told, whoever it is."""
        return SharedContext(self.services, self.live, identity=self.identity, address=self.address, rate=self.rate)

    @property
    def viewpoint(self) -> Awaitable[Viewpoint]:
        """From where the viewer sees; that of nobody without one. Who is cancelled as they wait cancels nobody else."""
        return asyncio.shield(self._viewing)

    @cached_property
    def _viewing(self) -> asyncio.Future[Viewpoint]:
        return asyncio.ensure_future(viewpoint_of(self.services, self.identity))

    @cached_property
    def users(self) -> Loader[UserId, UserRecord | None]:
        return self._loader(profiles.get_many)

    @cached_property
    def user_counts(self) -> Loader[UserId, UserCounts]:
        return self._loader(profiles.counts_of)

    @cached_property
    def items(self) -> Loader[TweetId, ItemRecord | None]:
        """As the viewer may see them."""
        return Loader("items", lambda ids: tweets.visible_items(self.services, self.identity, ids))

    @cached_property
    def tweet_counts(self) -> Loader[TweetId, TweetCounts]:
        return self._loader(tweets.counts_of)

    @cached_property
    def relationships(self) -> Loader[UserId, RelationshipRecord]:
        return self._viewers(follows.relationships)

    @cached_property
    def viewer_states(self) -> Loader[TweetId, ViewerState]:
        return self._viewers(viewer_state.viewer_states_of)

    def _viewers(self, load: Callable[[Services, Identity, Sequence[K]], Coroutine[Any, Any, list[V]]]) -> Loader[K, V]:
        """Of what only the viewer has."""
        return Loader(load.__name__, lambda ids: load(self.services, self.signed_in, ids))

    def _loader(self, load: Callable[[Services, Sequence[K]], Coroutine[Any, Any, list[V]]]) -> Loader[K, V]:
        return Loader(load.__name__, lambda ids: load(self.services, ids))


class SharedContext(RequestContext):
    """Sees whether an answer depends on who is signed in, beyond what is shown to all who get it."""

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
