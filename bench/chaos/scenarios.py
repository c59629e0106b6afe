"""The scenarios: the fault, the number of rounds, and the requirement that must hold."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.chaos.checker import RIGHT
from bench.chaos.experiment import Experiment, Outcome
from bench.chaos.faults import privacy_faults, servers
from bench.chaos.faults.removals import remove_while_killing
from bench.chaos.faults.restoration import lose_and_restore
from bench.chaos.load.profile import LoadProfile
from bench.deployment.cluster import APIS
from datastore.mongo.client import CONNECTIONS

Finding = tuple[str, bool]
ROUNDS = 20
WRITES_BACK_SECONDS = 5.0
LIVE_SECONDS = 6.0
RIGHT_SHARE = 0.999
SLOWER_TIMES = 10.0
REFUSAL_SECONDS = 1.0
SOCKETS, SOCKETS_BACK_SECONDS = 2_000, 30.0
LATE_SECONDS = 8.0
DELAY_SECONDS = 1.0
HIDDEN_SECONDS = 5.0
QUERIES_AT_ONCE = APIS * CONNECTIONS


_USUAL = LoadProfile()


@dataclass(frozen=True, slots=True)
class Scenario:
    """`evaluate` summarizes the outcomes of all rounds and says whether they meet the requirement `must`."""

    name: str
    title: str
    must: str
    fault: Callable[[Experiment], Awaitable[Outcome]]
    evaluate: Callable[[Sequence[Outcome]], Finding]
    rounds: int = ROUNDS
    scale: LoadProfile = _USUAL


def equal_in_the_end(outcomes: Sequence[Outcome]) -> Finding:
    verdicts = [outcome.verdict for outcome in outcomes]
    lost, twice = sum(one.lost for one in verdicts), sum(one.twice for one in verdicts)
    wrong = sum(one.wrong_homes for one in verdicts)
    missed, repeated = sum(one.missed for one in verdicts), sum(one.repeated for one in verdicts)
    settled = max(outcome.settle_seconds for outcome in outcomes)
    said = f"{lost} lost, {twice} twice, {wrong} timelines wrong, {missed} events missed, {repeated} repeated"
    return f"{said}; all right after {settled:.1f} s at most", all(verdict == RIGHT for verdict in verdicts)


def primary_killed(outcomes: Sequence[Outcome]) -> Finding:
    silence = max(outcome.silence_seconds for outcome in outcomes)
    failed, reads = _sums(outcomes, "failed_reads", "reads")
    said = f"longest without a write {silence:.1f} s; {failed:.0f} of {reads:.0f} reads failed"
    return _both((said, silence <= WRITES_BACK_SECONDS and not failed), equal_in_the_end(outcomes))


def master_lost(outcomes: Sequence[Outcome]) -> Finding:
    live = max(outcome.live_seconds for outcome in outcomes)
    failed, wrong, reads = _sums(outcomes, "failed_reads", "wrong_reads", "reads")
    said = f"{failed:.0f} of {reads:.0f} reads failed, {wrong:.0f} wrong; live within {live:.1f} s"
    return _both((said, not failed and not wrong and live <= LIVE_SECONDS), equal_in_the_end(outcomes))


def master_promoted_late(outcomes: Sequence[Outcome]) -> Finding:
    live = max(outcome.live_seconds for outcome in outcomes)
    failed, wrong, reads = _sums(outcomes, "failed_reads", "wrong_reads", "reads")
    said = f"{failed:.0f} of {reads:.0f} reads failed, {wrong:.0f} wrong; live within {live:.1f} s"
    is_served = not failed and 1 - wrong / reads >= RIGHT_SHARE and live <= LATE_SECONDS + LIVE_SECONDS
    return _both((said, is_served), equal_in_the_end(outcomes))


def redis_lost(outcomes: Sequence[Outcome]) -> Finding:
    wrong, reads, lost = _sums(outcomes, "wrong_reads", "reads", "lost_sockets")
    slower = max(outcome.p99 / outcome.calm_p99 for outcome in outcomes)
    most = max(outcome.queries_in_flight for outcome in outcomes)
    right = 1 - wrong / reads
    said = f"{right:.2%} of {reads:.0f} reads right; p99 {slower:.1f} times the calm one at most; "
    said += f"{most} queries at once at most, of {QUERIES_AT_ONCE}; {lost:.0f} sockets lost"
    is_calm = slower <= SLOWER_TIMES and most <= QUERIES_AT_ONCE and not lost
    return _both((said, right >= RIGHT_SHARE and is_calm), equal_in_the_end(outcomes))


def mongo_lost(outcomes: Sequence[Outcome]) -> Finding:
    failed, reads, refused = _sums(outcomes, "failed_reads", "reads", "failed_writes")
    down = max(outcome.more["refused_seconds"] for outcome in outcomes)
    longest = max(outcome.refusal_seconds for outcome in outcomes)
    codes = sorted({code for outcome in outcomes for code in outcome.refusals})
    said = f"{failed:.0f} of {reads:.0f} reads failed; {refused:.0f} writes refused as {', '.join(codes)} "
    said += f"within {down:.2f} s while it was down, {longest:.2f} s until it had a primary again"
    is_served = not failed and down <= REFUSAL_SECONDS and codes == ["UNAVAILABLE"]
    return _both((said, is_served), equal_in_the_end(outcomes))


def sockets_dropped(outcomes: Sequence[Outcome]) -> Finding:
    back = max(outcome.more["back_seconds"] for outcome in outcomes)
    sockets = min(outcome.lost_sockets for outcome in outcomes)
    said = f"{sockets:,} sockets back within {back:.1f} s"
    return _both((said, sockets >= SOCKETS and back <= SOCKETS_BACK_SECONDS), equal_in_the_end(outcomes))


def poisoned(outcomes: Sequence[Outcome]) -> Finding:
    poison, dead = (sum(outcome.more[name] for outcome in outcomes) for name in ("poison", "dead"))
    delay = max(outcome.more["delay_p99"] for outcome in outcomes)
    said = f"{dead:.0f} of {poison:.0f} are dead letters; delay of others p99 {delay:.2f} s"
    return _both((said, dead == poison and delay <= DELAY_SECONDS), equal_in_the_end(outcomes))


def kept_private(outcomes: Sequence[Outcome]) -> Finding:
    hidden = max(outcome.more["hidden_seconds"] for outcome in outcomes)
    wrong = sum(outcome.more["wrong"] for outcome in outcomes)
    said = f"hidden at every process within {hidden:.1f} s, {wrong:.0f} answers wrong later"
    return _both((said, hidden <= HIDDEN_SECONDS and not wrong), equal_in_the_end(outcomes))


def restarted(outcomes: Sequence[Outcome]) -> Finding:
    failed_reads, reads, failed_writes, writes = _sums(outcomes, "failed_reads", "reads", "failed_writes", "writes")
    said = f"{failed_reads:.0f} of {reads:.0f} reads and {failed_writes:.0f} of {writes:.0f} writes failed"
    return _both((said, not failed_reads and not failed_writes), equal_in_the_end(outcomes))


def _sums(outcomes: Sequence[Outcome], *names: str) -> list[float]:
    return [sum(getattr(outcome, name) for outcome in outcomes) for name in names]


def _both(one: Finding, other: Finding) -> Finding:
    return f"{one[0]}; {other[0]}", one[1] and other[1]


_EQUAL = "0 acknowledged tweets lost, 0 posted twice, timelines equal the model within 60 s"
_LOST = "reads 99.9 % right, p99 at most ten times normal, queries in flight under the cap, sockets stay"
# The recovery after a loss of all Redis takes longer.
_LONG = LoadProfile(after_seconds=10.0)
_TABLE = (
    Scenario("api", "kill -9 an API process", _EQUAL, servers.kill_api, equal_in_the_end),
    Scenario("worker", "kill -9 a worker", _EQUAL, servers.kill_worker, equal_in_the_end),
    Scenario(
        "master",
        "kill -9 a Redis master",
        f"{_EQUAL}; served throughout, live within 6 s",
        servers.kill_redis_master,
        master_lost,
    ),
    Scenario(
        "frozen",
        "a Redis master stopped for 8 s",
        "its timelines served throughout, live within 6 s",
        servers.freeze_redis_master,
        master_lost,
    ),
    Scenario(
        "slots",
        "half of a shard's slots move to another, and back",
        f"{_EQUAL}; served throughout, live within 6 s",
        servers.move_slots,
        master_lost,
    ),
    Scenario(
        "late",
        "kill -9 a Redis master, its replica promoted 8 s later",
        f"{_EQUAL}; reads without an error and 99.9 % right, live within 14 s",
        servers.promote_late,
        master_promoted_late,
    ),
    Scenario(
        "election",
        "the MongoDB primary steps down",
        f"{_EQUAL}; writes back within 5 s, reads without an error",
        servers.elect_primary,
        primary_killed,
    ),
    Scenario(
        "primary",
        "kill -9 the MongoDB primary",
        f"{_EQUAL}; writes back within 5 s, reads without an error",
        servers.kill_primary,
        primary_killed,
    ),
    Scenario("flush", "all Redis lost (FLUSHALL)", _LOST, servers.flush_redis, redis_lost, scale=_LONG),
    Scenario("redis", "all Redis down for 30 s", _LOST, servers.redis_away, redis_lost, scale=_LONG),
    Scenario(
        "refused",
        "all Redis refuses writes for 60 s",
        "what was hidden in seven ways seen by no process after 5 s, as the model says",
        privacy_faults.refuse_writes,
        kept_private,
        scale=LoadProfile(away_seconds=60.0, after_seconds=10.0),
    ),
    Scenario(
        "unforgotten",
        "kill -9 all API processes between commit and forget",
        "what was hidden in seven ways seen by no new process after 5 s, as the model says",
        privacy_faults.kill_before_forgetting,
        kept_private,
        scale=_LONG,
    ),
    Scenario(
        "removals",
        "kill -9 workers and API processes while moderators remove tweets and give back half",
        f"{_EQUAL}; streams and timelines follow each decision",
        remove_while_killing,
        equal_in_the_end,
    ),
    Scenario(
        "mongo",
        "MongoDB down for 30 s",
        "cached timelines served, writes refused within 1 s as UNAVAILABLE",
        servers.mongo_away,
        mongo_lost,
    ),
    Scenario(
        "sockets",
        f"{SOCKETS:,} sockets dropped at once",
        "all back and resumed within 30 s",
        servers.drop_sockets,
        sockets_dropped,
        scale=LoadProfile(people=SOCKETS // 4, watchers=SOCKETS, writers=2, readers=2, pace=1.0),
    ),
    Scenario(
        "poison",
        "poison jobs, 1 in 1,000",
        "in the dead-letter stream, others' delay under 1 s",
        servers.poison_jobs,
        poisoned,
    ),
    Scenario(
        "restart",
        "rolling restart of everything behind the load balancer",
        "0 failed requests, 0 events lost",
        servers.rolling_restart,
        restarted,
    ),
    Scenario(
        "restore",
        "backed up under load, everything lost, restored",
        _EQUAL,
        lose_and_restore,
        equal_in_the_end,
        rounds=5,
        scale=_LONG,
    ),
)
SCENARIOS: Mapping[str, Scenario] = {row.name: row for row in _TABLE}
