"""Compares a user timeline with the model right after an act: nothing of it may be as it was before."""

from tests.support.model import answers
from tests.support.model.acts import NUMBERS, Act
from tests.support.model.plans import who_acts
from tests.support.model.play import marks_of
from tests.support.model.stage import Stage
from tests.support.people import Person

_MARKS = "viewerHasLiked viewerHasRetweeted viewerHasBookmarked viewerHasMutedConversation"
_TWEET = f"... on Tweet {{ id {_MARKS} }}"
_NODE = f"node {{ __typename {_TWEET} ... on Retweet {{ tweet {{ id {_MARKS} }} user {{ handle }} }} }}"
_PROFILE = f"""query Profile($handle: String!, $first: Int!) {{ user(handle: $handle) {{
  tweets(first: $first) {{ edges {{ {_NODE} }} pageInfo {{ hasNextPage }} }} }} }}"""


async def look_at_profile(stage: Stage, act: Act, page: int) -> None:
    """The actor looks at somebody, or somebody at them."""
    active = stage.active()
    one, other = who_acts(stage, act), active[act.whom * len(active) // NUMBERS]
    await _compare(stage, *((one, other) if act.how % 2 else (other, one)), page)


async def _compare(stage: Stage, viewer: Person, user: Person, page: int) -> None:
    expected = answers.user_timeline(stage.shown, viewer.handle, user.handle, with_replies=False)
    found = (await viewer.ask(_PROFILE, handle=user.handle, first=page))["user"]["tweets"]
    title = f"profile of {user.handle} for {viewer.handle}"
    nodes = [edge["node"] for edge in found["edges"]]
    items = [stage.item(node).id for node in nodes]
    stage.agree(title, items, [entry.item for entry in expected[:page]])
    for node, entry in zip(nodes, expected, strict=False):
        tweet = node["tweet"] if node["__typename"] == "Retweet" else node
        marks = {name: tweet[name] for name in _MARKS.split()}
        stage.agree(f"marks of {entry.tweet} in the {title}", marks, marks_of(stage.shown, viewer.handle, entry.tweet))
    stage.agree(f"whether the {title} goes on", found["pageInfo"]["hasNextPage"], len(expected) > page)
