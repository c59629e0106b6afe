"""A server, the person who is signed in there, and all that is read and followed of it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from ssl import SSLContext
from typing import Self, TypeVar

import httpx

from rookery_client.acts import Acts
from rookery_client.errors import ReplacedError, RookeryError, SignedOutError, done
from rookery_client.generated import (
    HOME_TIMELINE,
    HOME_TIMELINE_EVENTS,
    LIST_EVENTS,
    LIST_TIMELINE,
    LOGIN,
    LOGOUT,
    ME,
    NOTIFICATION_EVENTS,
    NOTIFICATIONS,
    REGISTER,
    TWEET_UPDATES,
    HomeTimelineEventsVariables,
    HomeTimelineVariables,
    ListEventsVariables,
    ListTimelineVariables,
    LoginInput,
    LoginVariables,
    LogoutVariables,
    Media,
    MeVariables,
    NotificationEvent,
    NotificationEventsVariables,
    NotificationFilter,
    NotificationPage,
    NotificationsVariables,
    Profile,
    RegisterInput,
    RegisterVariables,
    TimelineEvent,
    TimelinePage,
    Tokens,
    TweetUpdate,
    TweetUpdatesVariables,
)
from rookery_client.notifications import Notifications, NotificationsSource
from rookery_client.operation import Operation
from rookery_client.timeline import Timeline, TimelineSource
from rookery_client.transport.http import Http
from rookery_client.transport.live import Live
from rookery_client.transport.session import Session
from rookery_client.transport.streams import Next, of_each, resumed
from rookery_client.uploads import Uploads

Variables = TypeVar("Variables")
Data = TypeVar("Data")
_TIMEOUT_SECONDS = 15.0
# A request may wait longer than its token lasts. Whether the session is over, the renewal says.
_RENEWALS = 3


class Rookery:
    """`async with Rookery(url) as rookery`, where `url` is the address of /graphql.

    `token` is a token for programs, or an access token. `tokens` are those of an earlier sign-in, as `on_tokens` got
    them: it is called with each new pair, and with None once the session is over. `ssl` is for servers whose
    certificate no public authority has signed.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        tokens: Tokens | None = None,
        on_tokens: Callable[[Tokens | None], None] = lambda _: None,
        ssl: SSLContext | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, verify=True if ssl is None else ssl)
        self._http = Http(url, self._client)
        self._session = Session(self._http, token, on_tokens)
        self._live = Live(self._http, self._session, ssl)
        self._uploads = Uploads(self.ask, self._client, url)
        self.acts = Acts(self.ask, lambda: self._session.mark)
        if tokens is not None:
            self._session.begin(tokens, is_old=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Streams that are still iterated end."""
        await self._live.aclose()
        await self._session.aclose()
        await self._client.aclose()

    async def sign_in(self, login: str, password: str) -> None:
        """Raises RefusedError where one of them is wrong."""
        variables = LoginVariables(LoginInput(login=login, password=password))
        await self._begin(done((await self._http.post(LOGIN, variables, None)).login).tokens)

    async def register(self, wanted: RegisterInput) -> None:
        """Makes an account, and signs in. Raises SignedOutError where the address must be verified first."""
        await self._begin(done((await self._http.post(REGISTER, RegisterVariables(wanted), None)).register).tokens)

    async def sign_out(self) -> None:
        """Ends the session here and at the server."""
        try:
            done((await self.ask(LOGOUT, LogoutVariables())).logout)
        finally:
            self._session.end()
            await self._live.cut()

    async def me(self) -> Profile:
        """The signed-in person. Raises SignedOutError."""
        viewer = (await self.ask(ME, MeVariables())).viewer
        token = await self._session.token()
        if viewer is None and token is not None:
            await self._session.renew(token)
            viewer = (await self.ask(ME, MeVariables())).viewer
        if viewer is None:
            raise SignedOutError
        return viewer.user

    async def ask(self, operation: Operation[Variables, Data], variables: Variables, /) -> Data:
        """The data of a query or mutation. A token that was refused is renewed. Raises a RookeryError."""
        mark = self._session.mark
        token = await self._session.token()
        for _ in range(_RENEWALS):
            try:
                return await self._http.post(operation, variables, token)
            except SignedOutError:
                if token is None:
                    raise
                token = await self._session.renew(token)
                if mark != self._session.mark:
                    raise ReplacedError from None
        return await self._http.post(operation, variables, token)

    def follow(self, operation: Operation[Variables, Data], variables: Callable[[], Variables]) -> AsyncGenerator[Data]:
        """Any subscription, through lost connections; `variables` is called at each new one."""
        return self._live.follow(operation, variables)

    def home_timeline(self, *, most: int = 1_000) -> Timeline:
        """The home timeline, live, of the newest `most` items."""
        return Timeline(TimelineSource(self._home_page, self._home_events), most)

    def list_timeline(self, list_id: str, *, most: int = 1_000) -> Timeline:
        """The timeline of a list, live."""

        async def page(first: int, after: str | None) -> TimelinePage:
            variables = ListTimelineVariables(id=list_id, first=first, after=after)
            found = (await self.ask(LIST_TIMELINE, variables)).list
            if found is None:
                raise RookeryError("NOT_FOUND", "there is no such list")
            return found.timeline

        def events(after: Next) -> AsyncGenerator[TimelineEvent]:
            following = self.follow(LIST_EVENTS, lambda: ListEventsVariables(id=list_id, after=after()))
            return of_each(following, lambda data: data.list_events)

        return Timeline(TimelineSource(page, events), most)

    def notifications(self, only: NotificationFilter = NotificationFilter.ALL) -> Notifications:
        """Notifications, live."""

        async def page(first: int, after: str | None) -> NotificationPage:
            variables = NotificationsVariables(first=first, after=after, filter=only)
            return (await self.ask(NOTIFICATIONS, variables)).notifications

        return Notifications(NotificationsSource(page, self._notification_events))

    def home_events(self, after: str | None = None) -> AsyncGenerator[TimelineEvent]:
        """Events of the home timeline after a cursor, or from the first step on: each once, in order.

        A TimelineReset stands for what is not kept any more.
        """

        async def head() -> str:
            return (await self._home_page(1, None)).head_cursor

        return resumed(after, head, self._home_events)

    def notification_events(self, after: str | None = None) -> AsyncGenerator[NotificationEvent]:
        """Events of notifications, as `home_events`."""

        async def head() -> str:
            variables = NotificationsVariables(first=1, filter=NotificationFilter.ALL)
            return (await self.ask(NOTIFICATIONS, variables)).notifications.head_cursor

        return resumed(after, head, self._notification_events)

    def tweet_updates(self, tweet_ids: Sequence[str]) -> AsyncGenerator[TweetUpdate]:
        """Up to 100 tweets as they are, then as they change; after a lost connection again as they are."""
        variables = TweetUpdatesVariables(tuple(tweet_ids))
        return of_each(self.follow(TWEET_UPDATES, lambda: variables), lambda data: data.tweet_updates)

    async def upload(
        self,
        picture: bytes,
        content_type: str,
        *,
        alt_text: str | None = None,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> str:
        """Hands a picture's bytes to the server; a tweet may show the id that it returns at once.

        `on_progress` gets the part of the bytes that is on its way, up to 1.
        """
        return await self._uploads.upload(picture, content_type, alt_text=alt_text, on_progress=on_progress)

    async def media(self, media_id: str) -> Media:
        """A picture with its variants, once they are made. Raises a RookeryError that says why there are none."""
        return await self._uploads.ready(media_id)

    async def _begin(self, tokens: Tokens | None) -> None:
        if tokens is None:
            raise SignedOutError("the address must be verified first")
        self._session.begin(tokens)
        await self._live.cut()

    async def _home_page(self, first: int, after: str | None) -> TimelinePage:
        return (await self.ask(HOME_TIMELINE, HomeTimelineVariables(first=first, after=after))).home_timeline

    def _home_events(self, after: Next) -> AsyncGenerator[TimelineEvent]:
        following = self.follow(HOME_TIMELINE_EVENTS, lambda: HomeTimelineEventsVariables(after=after()))
        return of_each(following, lambda data: data.home_timeline_events)

    def _notification_events(self, after: Next) -> AsyncGenerator[NotificationEvent]:
        following = self.follow(NOTIFICATION_EVENTS, lambda: NotificationEventsVariables(after=after()))
        return of_each(following, lambda data: data.notification_events)
