"""People of the demo data, their follows, and the hashtags of the demo account."""

from typing import Final, NamedTuple

HANDLE: Final = "demo"


class DemoPerson(NamedTuple):
    handle: str
    name: str
    bio: str
    is_protected: bool = False


PEOPLE: Final = (
    DemoPerson(HANDLE, "Demo", "Signed in for you. Follow, tweet, delete: nothing here is precious."),
    DemoPerson("ada_rook", "Ada Rook", "Watches the colony in the elms behind the station. Counts everything."),
    DemoPerson("tobias_w", "Tobias Wren", "Night train conductor. Small bird, long distances."),
    DemoPerson("mira_k", "Mira Kestrel", "Glider pilot and weather nerd."),
    DemoPerson("old_jack", "Jack Daw", "Collects shiny things, mostly clocks."),
    DemoPerson("lin_heron", "Lin Heron", "Patience, rivers, long exposures."),
    DemoPerson("noor_owl", "Noor Owlsley", "Librarian of the late shift."),
    DemoPerson("sam_swift", "Sam Swift", "Runs before breakfast, writes after."),
    DemoPerson("pia_finch", "Pia Finch", "Bakes by ear. The bread tells you when it is done."),
    DemoPerson("ravi_crane", "Ravi Crane", "Bridges, mostly the small ones."),
    DemoPerson("elm_street", "Elm Street Bakery", "Sourdough from five in the morning. Rooks get the crusts."),
    DemoPerson("yuki_tern", "Yuki Tern", "Two summers a year, if the tickets are cheap. 旅と海鳥。"),
    DemoPerson("quiet_wren", "Wren, quietly", "Protected account, friendly person.", is_protected=True),
)

# Follower and followees. The demo account follows most people, and finds some left to follow.
FOLLOWS: Final = (
    (HANDLE, ("ada_rook", "tobias_w", "mira_k", "lin_heron", "noor_owl", "pia_finch", "ravi_crane")),
    ("ada_rook", ("lin_heron", "mira_k", "noor_owl", "sam_swift", "elm_street", HANDLE)),
    ("tobias_w", ("noor_owl", "old_jack", "ada_rook", "yuki_tern", HANDLE)),
    ("mira_k", ("sam_swift", "ada_rook", "yuki_tern", HANDLE)),
    ("old_jack", ("tobias_w", "noor_owl")),
    ("lin_heron", ("ada_rook", "sam_swift", "yuki_tern", HANDLE)),
    ("noor_owl", ("tobias_w", "ada_rook", "lin_heron", "old_jack")),
    ("sam_swift", ("lin_heron", "mira_k", HANDLE)),
    ("pia_finch", ("elm_street", "noor_owl", "sam_swift", HANDLE)),
    ("ravi_crane", ("old_jack", "ada_rook", "pia_finch")),
    ("yuki_tern", ("lin_heron", "mira_k")),
    ("quiet_wren", ("ada_rook", "noor_owl")),
)

HASHTAGS: Final = ("latebooks", "rooks")
"""Hashtags that the demo account follows."""
