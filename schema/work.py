"""Points of fields by the work that they are, beside a point for some of the objects that they may return.

`python -m bench points` measures the processor time of operations, workers and stores included; the points below are
what it said, at about 0.02 ms a point.
"""

from collections.abc import Mapping

from transport.limits.work import FieldWork, WorkTable

_PASSWORD = FieldWork(1_800)

_QUERIES: Mapping[str, FieldWork] = {
    "Query.homeTimeline": FieldWork(10, {("mode", "TOP"): 950}),
    "Query.nodes": FieldWork(each=2),
    "User.tweets": FieldWork(5, each=1),
    "Query.getTweets": FieldWork(10),
    "Query.notifications": FieldWork(40),
    "Query.searchTweets": FieldWork(300, {("sort", "TOP"): 1_150}),
    "Query.searchUsers": FieldWork(200),
    "Query.trends": FieldWork(10),
    "Tweet.replies": FieldWork(60),
    "Viewer.unreadNotificationCount": FieldWork(50),
    "Viewer.whoToFollow": FieldWork(220),
    "Viewer.followSuggestions": FieldWork(220),
    "Query.searchHashtags": FieldWork(1_700),
}
_MUTATIONS: Mapping[str, FieldWork] = {
    "Mutation.register": FieldWork(4_200),
    "Mutation.login": FieldWork(1_400),
    "Mutation.changePassword": FieldWork(2_500),
    "Mutation.resetPassword": _PASSWORD,
    "Mutation.changeEmail": _PASSWORD,
    "Mutation.changeHandle": _PASSWORD,
    "Mutation.createAccessToken": _PASSWORD,
    "Mutation.deleteAccount": _PASSWORD,
    "Mutation.updateProfile": FieldWork(450),
    "Mutation.retweet": FieldWork(600),
    "Mutation.unretweet": FieldWork(1_200),
    "Mutation.editTweet": FieldWork(750),
    "Mutation.deleteTweet": FieldWork(1_300),
    "Mutation.muteConversation": FieldWork(60),
    "Mutation.unmuteConversation": FieldWork(60),
    "Mutation.createList": FieldWork(200),
    # A worker merges home timelines or judges them anew, after a block those of both.
    "Mutation.follow": FieldWork(1_000),
    "Mutation.unfollow": FieldWork(1_300),
    "Mutation.block": FieldWork(3_000),
    "Mutation.unblock": FieldWork(3_000),
    "Mutation.mute": FieldWork(1_700),
    "Mutation.unmute": FieldWork(1_700),
    "Mutation.followHashtag": FieldWork(2_200),
    "Mutation.unfollowHashtag": FieldWork(2_200),
    "Mutation.setMutedWords": FieldWork(1_800),
}

WORK = WorkTable(operation=40, page=10, mutation=400, fields={**_QUERIES, **_MUTATIONS}, objects_a_point=4)
