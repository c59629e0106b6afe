"""Tweets of the demo data, with their replies, quotes, likes and retweets, bookmarks and campaigns."""

from typing import Final, NamedTuple

from resolvers.demo.cast import HANDLE


class DemoTweet(NamedTuple):
    """`answers` and `quotes` are indexes of TWEETS; `likes` and `retweets` are handles, separated by spaces."""

    minutes_ago: int
    handle: str
    text: str
    answers: int | None = None
    quotes: int | None = None
    likes: str = ""
    retweets: str = ""


class DemoDay(NamedTuple):
    impressions: int
    clicks: int


TWEETS: Final = (
    DemoTweet(
        2890,
        "ada_rook",
        "Spring count in the elms: 41 nests, four more than last year. #rooks",
        likes="demo noor_owl lin_heron mira_k sam_swift",
    ),
    DemoTweet(
        2760,
        "noor_owl",
        "Somebody returned an atlas today that was due in 1987. No fine, but a round of applause.",
        likes="demo tobias_w ada_rook pia_finch ravi_crane yuki_tern sam_swift old_jack",
        retweets="tobias_w",
    ),
    DemoTweet(
        2500,
        "mira_k",
        "Cloud base at 1,900 metres and rising. If anyone needs me, I am up there. #gliding",
        likes="demo yuki_tern",
    ),
    DemoTweet(
        2310, "tobias_w", "The 23:40 has one passenger tonight, and he brought a cello for company.", likes="noor_owl"
    ),
    DemoTweet(
        1980,
        "old_jack",
        "Bought a box of broken watches. Two of them agree with each other, which worries me.",
        likes="tobias_w noor_owl",
    ),
    DemoTweet(
        1710, "lin_heron", "Forty minutes beside the weir for one picture. Worth all of it.", likes="demo ada_rook"
    ),
    DemoTweet(1660, "ada_rook", "@lin_heron what was the light like? I can never get the water right.", answers=5),
    DemoTweet(1600, "lin_heron", "@ada_rook grey and soft. Sunshine is for postcards.", answers=6, likes="ada_rook"),
    DemoTweet(1440, "sam_swift", "Ten kilometres along the canal, two herons, no phone. Recommended."),
    DemoTweet(
        1210,
        "noor_owl",
        "Reading list for the week: three on birds, one on clocks, none on productivity. #latebooks",
        likes="tobias_w pia_finch demo",
    ),
    DemoTweet(
        1100, "tobias_w", "@noor_owl the one on clocks, does it say why night trains are always late?", answers=9
    ),
    DemoTweet(
        1040,
        "noor_owl",
        "@tobias_w chapter four: they are not late, the timetable is early.",
        answers=10,
        likes="tobias_w old_jack demo",
    ),
    DemoTweet(
        820,
        "mira_k",
        "Landed in a field of very polite sheep. Retrieve crew brings cake. #gliding",
        likes="ada_rook lin_heron",
    ),
    DemoTweet(
        640,
        "old_jack",
        "Repaired the station clock with a paper clip. It is now right four times a day.",
        likes="tobias_w noor_owl ravi_crane pia_finch",
        retweets="tobias_w noor_owl",
    ),
    DemoTweet(
        505,
        "ada_rook",
        "First eggs, I think. They shout differently when there are eggs. #rooks",
        likes="demo lin_heron mira_k noor_owl yuki_tern",
    ),
    DemoTweet(
        420,
        "elm_street",
        "New: the Rookery loaf. Dark crust, light heart, and the ends go to the elms behind the station.",
        likes="ada_rook",
    ),
    DemoTweet(380, "sam_swift", "Draft of chapter two is done. It mostly consists of chapter one."),
    DemoTweet(
        300, "ravi_crane", "A bridge is a sentence with a river in it. https://rookery.example/bridges", likes="demo"
    ),
    DemoTweet(
        244,
        "lin_heron",
        "Fog on the river this morning, and everything that moves in it is a maybe.",
        likes="demo ada_rook mira_k yuki_tern",
        retweets="ada_rook",
    ),
    DemoTweet(
        205,
        HANDLE,
        "A question for the colony: what is the best hour of the day, and why is it the one before breakfast?",
        likes="sam_swift pia_finch ada_rook mira_k noor_owl lin_heron tobias_w",
        retweets="sam_swift pia_finch",
    ),
    DemoTweet(198, "sam_swift", "@demo because nobody has asked you for anything yet.", answers=19, likes="demo"),
    DemoTweet(
        190, "tobias_w", "@demo before breakfast is still the night shift. I vote for after.", answers=19, likes="demo"
    ),
    DemoTweet(
        150,
        "tobias_w",
        "Sunrise from the cab, somewhere after the border. They pay me for this.",
        likes="demo noor_owl pia_finch",
    ),
    DemoTweet(
        56,
        "pia_finch",
        "The oven and I disagree about the weather. It is winter in there. #firstfrost",
        likes="demo",
    ),
    DemoTweet(
        51,
        "yuki_tern",
        "初霜 on the pier railing. The terns left last week and took the summer with them. #firstfrost",
        likes="lin_heron ada_rook",
    ),
    DemoTweet(47, "ravi_crane", "Every railing on the footbridge has grown fur overnight. #firstfrost"),
    DemoTweet(
        41,
        "mira_k",
        "Forecast says thermals by noon. The wings say #firstfrost. I side with the wings. #gliding",
        likes="demo ada_rook",
    ),
    DemoTweet(
        34,
        "ada_rook",
        "Count of the morning: 41 nests, 3 robins, 1 scarf left in the elms. Claim it with a song. #firstfrost #rooks",
        likes="lin_heron noor_owl demo",
    ),
    DemoTweet(
        28,
        "sam_swift",
        "Somebody answers this better than I could:",
        quotes=19,
        likes="demo",
    ),
    DemoTweet(
        21, "lin_heron", "Thirty frames of one frozen reed. The twenty-ninth is @demo's new wallpaper. #firstfrost"
    ),
    DemoTweet(
        12,
        "noor_owl",
        "New on the shelf by the door: atlases. Take one, bring it back before 2060. #latebooks",
        likes="demo tobias_w",
    ),
    DemoTweet(
        4,
        HANDLE,
        "Hello from the demo account. Whoever follows me has just received this live. #first",
        likes="ada_rook noor_owl",
    ),
    # These make two more hashtags trend.
    DemoTweet(335, "noor_owl", "Which book did you finish at three in the morning? Mine was a timetable. #latebooks"),
    DemoTweet(329, "tobias_w", "A manual for a locomotive that I will never drive. #latebooks", likes="noor_owl"),
    DemoTweet(322, "pia_finch", "A novel about flour. It rises in the second half. #latebooks", likes="noor_owl demo"),
    DemoTweet(316, "yuki_tern", "The last page of a borrowed one, in a borrowed hammock. #latebooks"),
    DemoTweet(309, "old_jack", "A catalogue of lost clocks. I recognised two. #latebooks", likes="noor_owl tobias_w"),
    DemoTweet(
        560, "ravi_crane", "Show me a bridge that fits into one photograph. #smallbridges", likes="lin_heron demo"
    ),
    DemoTweet(
        552, "lin_heron", "Three planks and a heron. The heron charges toll. #smallbridges", likes="demo ravi_crane"
    ),
    DemoTweet(547, "sam_swift", "The one at kilometre seven, which I cross twice so that it counts. #smallbridges"),
    DemoTweet(541, "tobias_w", "From above they are all small. #smallbridges", likes="ravi_crane mira_k"),
    DemoTweet(
        533, "old_jack", "A plank over the gutter in front of the shop. Opened 1974, never closed. #smallbridges"
    ),
)

BOOKMARKS: Final = (1, 13, 18)
"""Indexes of tweets that the demo account bookmarked, the oldest bookmark first."""

PROMOTED: Final = 15
"""Index of the tweet that the bakery promotes."""

OWN_CAMPAIGN: Final = 19
"""Index of the tweet that the demo account promoted."""
OWN_DAYS: Final = (
    DemoDay(184, 3),
    DemoDay(412, 11),
    DemoDay(655, 24),
    DemoDay(598, 19),
    DemoDay(871, 37),
    DemoDay(1190, 52),
    DemoDay(964, 45),
)
"""Figures of that campaign for each day until yesterday."""
