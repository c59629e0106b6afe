"""Pictures as they are read: small files served from the folder, and home pages whose tweets have pictures.

Each kind is measured in turns with what it is compared with: Starlette's FileResponse on the same files, and home pages
of as many tweets without pictures.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from statistics import median
from tempfile import TemporaryFile
from urllib.parse import urlsplit

import msgspec
import structlog
from PIL import Image, ImageFilter

from bench.chaos.load.users import Person, Users, connected
from bench.data.population import Plan, store_population
from bench.deployment.measured_servers import Server, python_peer, ratios, running_peer, running_rookery
from bench.deployment.stack import running_stores
from bench.harness.figures import Figure
from bench.harness.load import fetch, post_request
from core.auth.tokens import AccessTokens
from core.devices import UNKNOWN_DEVICE
from core.ids import MediaId, SessionId, UserId
from core.settings import Settings, signing_keys
from datastore.media.records import MediaRecord, MediaSize, MediaState, Processed, VariantRecord
from datastore.media.storage import variant
from datastore.media.store import Claim
from datastore.stores import Stores, open_stores

NAME = "picture_reads"
ROUNDS, SECONDS, PAGE = 7, 4.0, 20
LEAST_RATE, LEAST_RATIO, MOST_PAGE = 1_000, 0.8, 1.05
# Who reads pictures, who reads none, and whom they read.
_PICTURED, _PLAIN, _PAINTER, _WRITER = range(4)
_BLURHASH = "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
HOME = """query Home($first: Int!) { homeTimeline(first: $first) {
  state headCursor pageInfo { hasNextPage endCursor }
  edges { cursor reason node { __typename ... on Tweet { ...Shown } ... on Retweet { id tweet { ...Shown } } } } } }
fragment Shown on Tweet {
  id text createdAt lang device isReply conversationId contentWarning isSensitive replyAudience editedAt
  likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked
  author { id handle name isProtected isVerified avatarUrl }
  entities { mentions { handle start end } hashtags { tag start end } urls { url start end } }
  media { id state failure altText blurhash width height variants { size url width height } }
}"""


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with TemporaryFile() as log:
        async with running_stores() as settings, open_stores(settings) as stores:
            users, paths = await _gallery(stores, settings)
            folder = urlsplit(settings.media_url or "").path
            served = python_peer("FileResponse", "file_response:app")._replace(environment={"FOLDER": folder})
            async with (
                running_rookery("Rookery", settings, log) as ours,
                running_peer(served, "", log) as theirs,
            ):
                return [*await _files(ours, theirs, paths), *await _pages(ours, users)]


async def _gallery(stores: Stores, settings: Settings) -> tuple[Users, Sequence[str]]:
    """Two readers of a painter, and of a writer; the paths of the painter's small files."""
    plan = Plan([[_PAINTER], [_WRITER], [], []], [_PAINTER, _WRITER] * 40)
    population = await store_population(stores, plan, lists_of=range(4))
    tweets = population.tweets[_PAINTER]
    painted = [await _store_picture(stores, population.ids[_PAINTER]) for _ in tweets]
    for tweet_id, media in zip(tweets, painted, strict=True):
        await stores.mongo.collection("tweets").update_one({"_id": tweet_id}, {"$set": {"media": [media.id]}})
        claim = Claim(media.owner_id, tweet_id, tweet_id)
        assert await stores.media.items.claim([media.id], claim)
        await stores.media.items.confirm(claim)
    await stores.tweets.items.invalidate(*tweets)
    async with connected("http://nobody") as http:
        users = Users(population, [], 0, AccessTokens(signing_keys(settings)), http)
    people = []
    for number, user_id in enumerate(population.ids):
        session = await stores.users.sessions.insert(SessionId(stores.ids()), user_id, UNKNOWN_DEVICE)
        people.append(Person(number, user_id, session.id))
    users.people = people
    return users, [f"/media/{variant(media, MediaSize.SMALL)}" for media in painted]


async def _store_picture(stores: Stores, owner: UserId) -> MediaRecord:
    media_id = MediaId(stores.ids())
    media = MediaRecord(media_id, owner, MediaState.PROCESSING, "image/jpeg", 1, "", f"{media_id:x}", "A field.")
    await stores.media.items.insert(media)
    made = []
    for size, width, height in ((MediaSize.THUMBNAIL, 150, 100), (MediaSize.SMALL, 680, 453)):
        data = _photograph(width, height)
        await stores.media.storage.put(variant(media, size), data)
        made.append(VariantRecord(size, width, height, len(data)))
    made.append(VariantRecord(MediaSize.LARGE, 2_048, 1_365, 300_000))
    await stores.media.items.processed(media_id, Processed(4_000, 2_667, _BLURHASH, tuple(made)))
    return media


def _photograph(width: int, height: int) -> bytes:
    noise = Image.effect_noise((width, height), 60).filter(ImageFilter.GaussianBlur(1.5))
    light = Image.linear_gradient("L").resize((width, height))
    file = BytesIO()
    Image.merge("RGB", (noise, Image.blend(noise, light, 0.5), light)).save(file, "WEBP", quality=80)
    return file.getvalue()


async def _files(ours: Server, theirs: Server, paths: Sequence[str]) -> list[Figure]:
    requests = [f"GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n".encode() for path in paths]
    answers = [await fetch(server.port, requests[0]) for server in (ours, theirs)]
    assert answers[0] == answers[1]
    for _ in range(ROUNDS):
        for server in (ours, theirs):
            await server.measure(lambda: itertools.cycle(requests), SECONDS)
    what = f"small variants of {len(answers[0]) / 1000:.0f} kB from the folder, one process"
    rate = median(ours.rates)
    ratio = median(ratios(ours, theirs))
    return [
        Figure(NAME, what, ours.said, f"{LEAST_RATE:,}/s{_met(is_met=rate >= LEAST_RATE)}"),
        Figure(NAME, "  by Starlette's FileResponse", theirs.said),
        Figure(NAME, "  against it", f"{ratio:.2f}", f">= {LEAST_RATIO:g}{_met(is_met=ratio >= LEAST_RATIO)}"),
    ]


async def _pages(server: Server, users: Users) -> list[Figure]:
    pictured, plain = (_reading(server, users, person) for person in (_PICTURED, _PLAIN))
    shown = [await _pictures_on(server, requests()) for requests in (pictured[1], plain[1])]
    assert shown == [PAGE, 0], shown
    for _ in range(ROUNDS):
        for one, requests in (pictured, plain):
            await one.measure(requests, SECONDS)
    cost = [mine / theirs for mine, theirs in zip(pictured[0].cpu_us, plain[0].cpu_us, strict=True)]
    ratio = median(cost)
    rounds = ", ".join(f"{one:.2f}" for one in cost)
    return [
        Figure(NAME, f"home page of {PAGE} tweets, each with a picture", pictured[0].said),
        Figure(NAME, "  without pictures", plain[0].said),
        Figure(
            NAME,
            f"  processor time against it ({rounds})",
            f"{ratio:.3f}",
            f"<= {MOST_PAGE:g}{_met(is_met=ratio <= MOST_PAGE)}",
        ),
    ]


def _reading(server: Server, users: Users, person: int) -> tuple[Server, Callable[[], Iterator[bytes]]]:
    """The server with measurements of its own, and requests of a home page."""
    headers = {"authorization": f"Bearer {users.token(users.people[person])}"}
    request = post_request("/graphql", {"query": HOME, "variables": {"first": PAGE}}, headers)
    return Server(server.name, "/graphql", server.port, server.processes), lambda: itertools.repeat(request)


async def _pictures_on(server: Server, requests: Iterator[bytes]) -> int:
    answer = msgspec.json.decode(await fetch(server.port, next(requests)))
    edges = answer["data"]["homeTimeline"]["edges"]
    assert len(edges) == PAGE, answer
    return sum(len(edge["node"]["media"]) for edge in edges)


def _met(*, is_met: bool) -> str:
    return ": met" if is_met else ": missed"
