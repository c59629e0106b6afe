"""Demo people and what they wrote, for an empty database, so that a newcomer's first query finds something."""

from dataclasses import replace
from typing import NamedTuple

from core.ids import SnowflakeMaker, TweetId, wall_ms
from resolvers import follows, sessions, tweets, users
from resolvers.services import Services
from resolvers.sessions import Identity, Registration
from resolvers.tweets import Posting
from resolvers.users import ProfileChanges

HANDLE = "demo"
PASSWORD = "rookery-demo"  # noqa: S105 - printed on purpose
_MINUTE_MS = 60_000


class DemoPerson(NamedTuple):
    handle: str
    name: str
    bio: str


class DemoTweet(NamedTuple):
    """`minutes_ago` is when it was posted; `answers` is the place in the list of the tweet it replies to."""

    minutes_ago: int
    handle: str
    text: str
    answers: int | None = None


PEOPLE = (
    DemoPerson(HANDLE, "Demo", "Signed in for you. Follow, post, delete: nothing here is precious."),
    DemoPerson("ada_rook", "Ada Rook", "Watches the colony in the elms behind the station. Counts everything."),
    DemoPerson("tobias_w", "Tobias Wren", "Night train conductor. Small bird, long distances."),
    DemoPerson("mira_k", "Mira Kestrel", "Glider pilot and weather nerd."),
    DemoPerson("old_jack", "Jack Daw", "Collects shiny things, mostly clocks."),
    DemoPerson("lin_heron", "Lin Heron", "Patience, rivers, long exposures."),
    DemoPerson("noor_owl", "Noor Owlsley", "Librarian of the late shift."),
    DemoPerson("sam_swift", "Sam Swift", "Runs before breakfast, writes after."),
)

TWEETS = (
    DemoTweet(2890, "ada_rook", "Spring count in the elms: 41 nests, four more than last year. #rooks"),
    DemoTweet(
        2760, "noor_owl", "Somebody returned an atlas today that was due in 1987. No fine, but a round of applause."
    ),
    DemoTweet(2500, "mira_k", "Cloud base at 1,900 metres and rising. If anyone needs me, I am up there. #gliding"),
    DemoTweet(2310, "tobias_w", "The 23:40 has one passenger tonight, and he brought a cello for company."),
    DemoTweet(1980, "old_jack", "Bought a box of broken watches. Two of them agree with each other, which worries me."),
    DemoTweet(1710, "lin_heron", "Forty minutes beside the weir for one picture. Worth all of it."),
    DemoTweet(1660, "ada_rook", "@lin_heron what was the light like? I can never get the water right.", 5),
    DemoTweet(1600, "lin_heron", "@ada_rook grey and soft. Sunshine is for postcards.", 6),
    DemoTweet(1440, "sam_swift", "Ten kilometres along the canal, two herons, no phone. Recommended."),
    DemoTweet(
        1210, "noor_owl", "Reading list for the week: three on birds, one on clocks, none on productivity. #latebooks"
    ),
    DemoTweet(1100, "tobias_w", "@noor_owl the one on clocks, does it say why night trains are always late?", 9),
    DemoTweet(1040, "noor_owl", "@tobias_w chapter four: they are not late, the timetable is early.", 10),
    DemoTweet(820, "mira_k", "Landed in a field of very polite sheep. Retrieve crew brings cake. #gliding"),
    DemoTweet(640, "old_jack", "Repaired the station clock with a paper clip. It is now right four times a day."),
    DemoTweet(505, "ada_rook", "First eggs, I think. They shout differently when there are eggs. #rooks"),
    DemoTweet(380, "sam_swift", "Draft of chapter two is done. It mostly consists of chapter one."),
    DemoTweet(244, "lin_heron", "Fog on the river this morning, and everything that moves in it is a maybe."),
    DemoTweet(150, "tobias_w", "Sunrise from the cab, somewhere after the border. They pay me for this."),
    DemoTweet(61, "mira_k", "Forecast says thermals by noon. My desk says otherwise. #gliding"),
    DemoTweet(12, "noor_owl", "New on the shelf by the door: atlases. Take one, bring it back before 2060. #latebooks"),
    DemoTweet(4, HANDLE, "Hello from the demo account. Whoever follows me has just received this live. #first"),
)

# Everybody whom the first one follows; the demo account sees most of them, and finds some left to follow.
FOLLOWS = (
    (HANDLE, ("ada_rook", "tobias_w", "mira_k", "lin_heron", "noor_owl")),
    ("ada_rook", ("lin_heron", "mira_k", "noor_owl", HANDLE)),
    ("tobias_w", ("noor_owl", "old_jack", "ada_rook")),
    ("mira_k", ("sam_swift", "ada_rook")),
    ("old_jack", ("tobias_w", "noor_owl")),
    ("lin_heron", ("ada_rook", "sam_swift", HANDLE)),
    ("noor_owl", ("tobias_w", "ada_rook", "lin_heron")),
    ("sam_swift", ("lin_heron", "mira_k", HANDLE)),
)


async def is_wanted(services: Services) -> bool:
    return await services.stores.users.is_empty()


async def load(services: Services) -> None:
    """Through the same use cases as any client's requests, at moments of the past days."""
    identities = {person.handle: await _register(services, person) for person in PEOPLE}
    for follower, followees in FOLLOWS:
        for followee in followees:
            await follows.follow(services, identities[follower], identities[followee].user_id)
    posted: list[TweetId] = []
    for number, tweet in enumerate(TWEETS):
        answered = None if tweet.answers is None else posted[tweet.answers]
        then = _at(services, wall_ms() - tweet.minutes_ago * _MINUTE_MS, number)
        record = await tweets.post_tweet(then, identities[tweet.handle], Posting(tweet.text, in_reply_to=answered))
        posted.append(record.id)


async def _register(services: Services, person: DemoPerson) -> Identity:
    email = f"{person.handle}@rookery.example"
    signed_in = await sessions.register(services, Registration(person.handle, person.name, email, PASSWORD))
    await users.update_profile(services, signed_in.identity, ProfileChanges({"bio": person.bio}))
    return signed_in.identity


def _at(services: Services, ms: int, number: int) -> Services:
    """The same services, at another moment."""
    ids = SnowflakeMaker(number, lambda: ms)
    return replace(services, stores=replace(services.stores, ids=ids))
