"""The capacity planner against known figures, its command, and its messages about wrong arguments."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datastore.__main__ import main
from datastore.admin.capacity.command import COSTS, read_costs
from datastore.admin.capacity.inputs import Costs, Demand, Machines, Prices
from datastore.admin.capacity.planning import CapacityPlan, plan

BRIEF = Demand(daily_users=100e6, tweets_per_user=5, mean_followers=75)
WORDS = ["plan", "--daily-users", "100M", "--tweets-per-user", "5", "--mean-followers", "75"]


def planned(demand: Demand, costs: Costs | None = None) -> CapacityPlan:
    return plan(demand, costs or read_costs(COSTS).costs, Machines(), Prices())


def test_the_brief_takes_what_its_figures_say() -> None:
    found = planned(BRIEF)

    assert found.pushes == pytest.approx(0.43e6, rel=0.02)
    assert found.list_memory == pytest.approx(2.5e12, rel=0.05)
    assert BRIEF.tweets == pytest.approx(5_800, rel=0.01)
    assert BRIEF.tweets * BRIEF.peak == pytest.approx(17_000, rel=0.03)


def test_needs_are_as_computed_by_hand() -> None:
    ones = Costs(**{field.name: 1.0 for field in fields(Costs)})
    demand = Demand(
        daily_users=86_400,
        tweets_per_user=2,
        mean_followers=10,
        pages_per_user=3,
        live=0.5,
        peak=2,
        copies=3,
        kept_days=4,
    )
    machines, prices = Machines(busy=0.5, full=0.5), Prices()

    found = plan(demand, ones, machines, prices)

    assert (demand.tweets, demand.pushes, demand.pages, demand.sockets, demand.events) == (2, 20, 3, 43_200, 10)
    assert found.api_cores == pytest.approx(2 * (3 + 2 + 10) / 1e6 / 0.5)
    assert found.worker_cores == pytest.approx(2 * (20 + 2) / 1e6 / 0.5)
    assert found.redis_memory == 3 * (86_400 + 2 * 86_400)
    assert found.mongo_disk == 3 * (2 * 86_400 * 4 + 86_400 * 11)
    assert found.traffic == 2 * (3 + 10)
    assert (found.redis_shards, found.redis_nodes, found.mongo_shards, found.servers) == (3, 9, 1, 2)


def test_acts_need_what_their_costs_say() -> None:
    ones = Costs(**{field.name: 1.0 for field in fields(Costs)})
    plain = Demand(daily_users=86_400, tweets_per_user=2, mean_followers=10, pages_per_user=3, peak=2, copies=1)
    busy = replace(plain, likes_per_user=5, retweets_per_user=4, follows_per_user=3, unfollows_per_user=1)
    before, after = plan(plain, ones, Machines(), Prices()), plan(busy, ones, Machines(), Prices())

    assert (busy.acts, busy.pushes) == (13, 60)
    events = 0.05 * (60 - 20)
    assert after.api_cores - before.api_cores == pytest.approx(2 * (13 + events) / 1e6 / 0.6)
    assert after.worker_cores - before.worker_cores == pytest.approx(2 * (13 + 40) / 1e6 / 0.6)
    assert after.mongo_disk - before.mongo_disk == 86_400 * 365 * (5 + 4)


def test_pictures_and_mails_need_what_their_costs_say() -> None:
    ones = Costs(**{field.name: 1.0 for field in fields(Costs)})
    plain = Demand(daily_users=86_400, tweets_per_user=2, mean_followers=10, pages_per_user=3, peak=2, copies=3)
    busy = replace(plain, pictures_per_user=5, picture_views_per_user=40, mails_per_user=3)
    before, after = plan(plain, ones, Machines(), Prices()), plan(busy, ones, Machines(), Prices())

    assert (busy.pictures, busy.picture_views, busy.mails) == (5, 40, 3)
    assert after.worker_cores - before.worker_cores == pytest.approx(2 * (5 + 3) / 1e6 / 0.6)
    assert (before.picture_disk, after.picture_disk) == (0, 5 * 86_400 * 365)
    assert after.traffic - before.traffic == 2 * 40
    assert after.dollars - before.dollars == pytest.approx((5 * 365 * 23 + 40 * 30 * 20) * 86_400 / 1e12)


@given(people=st.floats(1e3, 1e9), factor=st.floats(1, 100))
def test_a_larger_network_never_needs_less(people: float, factor: float) -> None:
    small, large = (planned(replace(BRIEF, daily_users=size)) for size in (people, people * factor))

    assert all(getattr(small, field.name) <= getattr(large, field.name) for field in fields(CapacityPlan))


def test_the_command_tells_each_need_with_its_cost_and_draws_the_growth(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*WORDS, "--picture", str(tmp_path / "growth.svg")]) == 0

    said = capsys.readouterr().out
    assert "434 k/s" in said
    assert "2.45 TB" in said or "2.5" in said
    assert "Redis shards" in said
    assert "a person and day" not in said.partition("home pages")[0]
    assert main([*WORDS, "--likes-per-user", "20", "--follows-per-user", "0.5"]) == 0
    said = capsys.readouterr().out
    assert "23.7 k/s   20 likes, 0.5 follows a person and day" in said
    assert " a like, " in said
    assert "picture" not in said
    assert (
        main([*WORDS, "--pictures-per-user", "0.3", "--picture-views-per-user", "60", "--mails-per-user", "0.1"]) == 0
    )
    said = capsys.readouterr().out
    assert "347/s   0.3 a person and day, 60 seen" in said
    assert "storage of pictures" in said
    picture = ET.fromstring((tmp_path / "growth.svg").read_text())  # noqa: S314 - our own
    assert len(picture.findall("{*}polyline")) == 4


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--daily-users", "many"], "'many' is no number over 0"),
        (["--daily-users", "0"], "'0' is no number over 0"),
        (["--daily-users=-5M"], "no number over 0"),
        (["--daily-users", "1M", "--likes-per-user", "-1"], "'-1' is no number over 0"),
        (["--daily-users", "1M", "--live", "1.5"], "'1.5' is no share over 0 and up to 1"),
        (["--daily-users", "1M", "--copies", "2.5"], "'2.5' is no number of copies"),
        (["--daily-users", "1M", "--price-core", "free"], "'free' is no number over 0"),
        (["--tweets-per-user", "5"], "--daily-users"),
    ],
)
def test_wrong_words_are_named(capsys: pytest.CaptureFixture[str], words: list[str], complaint: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", *words])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace("list_bytes", "list_size"), "list_bytes, list_size"),
        (lambda text: text.replace("[costs]", "[costs"), "can't be read"),
        (lambda text: text.replace("api_page_us = ", "api_page_us = -"), "api_page_us"),
    ],
)
def test_a_file_of_costs_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: Callable[[str], str], complaint: str
) -> None:
    wrong = tmp_path / "costs.toml"
    wrong.write_text(change(COSTS.read_text()))

    assert main([*WORDS, "--costs", str(wrong)]) == 2
    assert complaint in capsys.readouterr().out
