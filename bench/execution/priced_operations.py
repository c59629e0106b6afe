"""Operations whose points are compared with the processor time that they take."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from bench.data.population import PASSWORD, Population
from bench.harness.home_page import HOME
from core.ids import TweetId
from schema.values.nodes import NodeType, global_id

READS, WRITES, HASHES = 150, 100, 30
_SHOWN = "id text createdAt likeCount viewerHasLiked author { id handle name avatarUrl }"
_DONE = "userErrors { message }"

Variables = Mapping[str, object]


class Asked(NamedTuple):
    """`variables` are those of the request with a number; `times` is the number of requests."""

    name: str
    document: str
    variables: Callable[[int], Variables]
    times: int = READS


def operations(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    """`recent` are tweets of the last hour, by the people in turn."""
    yield from _home_and_profile(people)
    yield from _reads(people, recent)
    yield from _searches()
    yield from _writes(people, recent)
    yield from _writes_about_tweets(people, recent)
    yield from _rarer_writes(people, recent)
    yield from _passwords(people)


def _home_and_profile(people: Population) -> Iterator[Asked]:
    yield Asked("the smallest operation", "{ __typename }", _nothing)
    yield Asked("viewer", "{ viewer { user { id handle name } unreadNotificationCount } }", _nothing)
    yield Asked(
        "profile", "query($handle: String!) { user(handle: $handle) { id name bio followerCount } }", _handle(people)
    )
    yield Asked("home, 20", HOME, lambda _: {"first": 20})
    yield Asked("home, 100", HOME, lambda _: {"first": 100})
    home = "{ homeTimeline(first: 100) { edges { cursor } } }"
    yield Asked("home, 100 cursors alone", home, _nothing)
    top = f"{{ homeTimeline(first: 20, mode: TOP) {{ edges {{ node {{ ... on Tweet {{ {_SHOWN} }} }} }} }} }}"
    yield Asked("home, TOP", top, _nothing)


def _reads(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent]
    users = [global_id(NodeType.USER, user) for user in people.ids]
    theirs = f"""query($handle: String!) {{ user(handle: $handle) {{ tweets(first: 20) {{
      edges {{ node {{ ... on Tweet {{ {_SHOWN} }} }} }} }} }} }}"""
    yield Asked("tweets of a person, 20", theirs, _handle(people))
    followers = """query($handle: String!) { user(handle: $handle) {
      followers(first: 20) { edges { node { id handle name } } } } }"""
    yield Asked("followers, 20", followers, _handle(people))
    nodes = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Tweet {{ {_SHOWN} }} }} }}"
    yield Asked(
        "100 nodes", nodes, lambda number: {"ids": [tweets[(number + step) % len(recent)] for step in range(100)]}
    )
    thread = f"query($id: ID!) {{ tweet(id: $id) {{ {_SHOWN} replies(first: 20) {{ edges {{ node {{ id }} }} }} }} }}"
    yield Asked("thread", thread, lambda number: {"id": tweets[number % len(recent)]})
    pages = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on User { tweets(first: 1) { edges { cursor } } } } }"
    some = [users[number : number + 20] for number in range(0, len(users) - 20, 20)]
    yield Asked("20 pages of one", pages, lambda number: {"ids": some[number % len(some)]}, WRITES)
    yield Asked("who to follow", "{ viewer { whoToFollow(first: 10) { id handle name } } }", _nothing)
    notes = "{ notifications(first: 20) { unreadCount edges { node { id kind actors { handle } } } } }"
    yield Asked("notifications", notes, _nothing)
    yield Asked("trends", "{ trends(first: 10) { tweetCount hashtag { name } } }", _nothing)


def _searches() -> Iterator[Asked]:
    document = f"""query($query: String!, $sort: SearchSort!) {{ searchTweets(query: $query, sort: $sort, first: 20) {{
      edges {{ node {{ {_SHOWN} }} }} }} }}"""
    yield Asked("search, a common word", document, lambda _: {"query": "rook", "sort": "LATEST"})
    yield Asked("search, two words", document, lambda number: {"query": f"rook {number}", "sort": "LATEST"})
    yield Asked("search, TOP", document, lambda _: {"query": "rook", "sort": "TOP"}, WRITES)
    people = "query($query: String!) { searchUsers(query: $query, first: 20) { edges { node { id handle name } } } }"
    tags = '{ searchHashtags(prefix: "ro", first: 10) { name } }'
    yield Asked("search of hashtags", tags, _nothing)
    yield Asked("search of people", people, lambda number: {"query": f"person {number % 9}"})


def _writes(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent]
    users = [global_id(NodeType.USER, user) for user in people.ids]
    post = f"mutation($text: String!) {{ postTweet(input: {{text: $text}}) {{ tweet {{ id }} {_DONE} }} }}"
    yield Asked("post", post, lambda number: {"text": f"A new nest {number} in the elm"}, WRITES)
    for act in ("like", "unlike", "retweet", "unretweet", "bookmark"):
        document = f"mutation($id: ID!) {{ {act}(tweetId: $id) {{ tweet {{ id likeCount }} {_DONE} }} }}"
        yield Asked(act, document, lambda number: {"id": tweets[number * 7 % len(recent)]}, WRITES)
    for act in ("follow", "unfollow", "mute", "unmute", "block", "unblock"):
        document = f"mutation($id: ID!) {{ {act}(userId: $id) {{ user {{ id }} {_DONE} }} }}"
        yield Asked(act, document, lambda number: {"id": users[(number + 1) % len(people.ids)]}, WRITES)
    bio = f"mutation($bio: String!) {{ updateProfile(input: {{bio: $bio}}) {{ user {{ bio }} {_DONE} }} }}"
    yield Asked("updateProfile", bio, lambda number: {"bio": f"Rook {number}"}, WRITES)


def _writes_about_tweets(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    """Each person edits one tweet of theirs, and deletes another."""
    size = len(people.ids)
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent[-2 * size :]]

    def edit_of(number: int) -> Variables:
        return {"input": {"id": tweets[number % size], "text": f"Rook {number} flew over two fields #rooks"}}

    def report_of(number: int) -> Variables:
        return {"input": {"subject": tweets[(number + 7) % size], "reason": "SPAM"}}

    edit = f"mutation($input: EditTweetInput!) {{ editTweet(input: $input) {{ tweet {{ text }} {_DONE} }} }}"
    yield Asked("editTweet", edit, edit_of, WRITES)
    report = f"mutation($input: ReportInput!) {{ report(input: $input) {{ {_DONE} }} }}"
    yield Asked("report", report, report_of, WRITES)
    pin = f"mutation($id: ID!) {{ pinTweet(id: $id) {{ user {{ id }} {_DONE} }} }}"
    yield Asked("pinTweet", pin, lambda number: {"id": tweets[size + number % size]}, WRITES)
    delete = f"mutation($id: ID!) {{ deleteTweet(id: $id) {{ deletedId {_DONE} }} }}"
    yield Asked("deleteTweet", delete, lambda number: {"id": tweets[size + number % size]}, WRITES)


def _rarer_writes(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    size = len(people.ids)
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent[-2 * size :]]
    users = [global_id(NodeType.USER, user) for user in people.ids]
    mute = f"mutation($id: ID!) {{ muteConversation(tweetId: $id) {{ tweet {{ id }} {_DONE} }} }}"
    yield Asked("muteConversation", mute, lambda number: {"id": tweets[(number + 1) % size]}, WRITES)
    unfollower = f"mutation($id: ID!) {{ removeFollower(userId: $id) {{ user {{ id }} {_DONE} }} }}"
    yield Asked("removeFollower", unfollower, lambda number: {"id": users[(number + 5) % size]}, WRITES)
    tag = f"mutation($name: String!) {{ followHashtag(name: $name) {{ hashtag {{ name }} {_DONE} }} }}"
    yield Asked("followHashtag", tag, lambda _: {"name": "rooks"}, WRITES)
    words = f"mutation($words: [String!]!) {{ setMutedWords(words: $words) {{ viewer {{ mutedWords }} {_DONE} }} }}"
    yield Asked("setMutedWords", words, lambda number: {"words": [f"word{number}"]}, WRITES)
    made = f"mutation($input: ListInput!) {{ createList(input: $input) {{ list {{ id }} {_DONE} }} }}"
    yield Asked("createList", made, lambda number: {"input": {"name": f"list {number}"}}, WRITES)
    read = f"mutation {{ markNotificationsRead {{ unreadCount {_DONE} }} }}"
    yield Asked("markNotificationsRead", read, _nothing, WRITES)


def _passwords(people: Population) -> Iterator[Asked]:
    numbers = count()
    login = f"""mutation($login: String!, $password: String!) {{
      login(input: {{login: $login, password: $password}}) {{ tokens {{ accessToken }} {_DONE} }} }}"""
    yield Asked(
        "login", login, lambda number: {"login": people.handle(number % len(people.ids)), "password": PASSWORD}, HASHES
    )
    register = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ tokens {{ accessToken }} {_DONE} }} }}"

    def wanted(_: int) -> Variables:
        handle = f"new_{next(numbers)}"
        return {"input": {"handle": handle, "name": "New", "email": f"{handle}@made-up.invalid", "password": PASSWORD}}

    yield Asked("register", register, wanted, HASHES)
    change = f"""mutation($current: String!, $new: String!) {{
      changePassword(current: $current, new: $new) {{ {_DONE} }} }}"""
    yield Asked("changePassword", change, lambda _: {"current": PASSWORD, "new": PASSWORD}, HASHES)


def _nothing(_: int) -> Variables:
    return {}


def _handle(people: Population) -> Callable[[int], Variables]:
    return lambda number: {"handle": people.handle(number % len(people.ids))}
