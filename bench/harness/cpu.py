"""Processor time and memory of processes, on Linux alone. Unlike wall time it does not depend on other load."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from redis.asyncio import Redis

from datastore.redis.cluster.client import ClusterRedis

_PROC = Path("/proc")
_PARENT, _USER, _SYSTEM = 1, 11, 12
_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else frozenset[int]()
"""Those that this process may use, as it began."""


class _Process(NamedTuple):
    parent: int
    seconds: float


def children() -> AbstractSet[int]:
    """The ids of this process's running children."""
    return {pid for pid, process in _processes().items() if process.parent == os.getpid()}


class CpuTimer:
    """Measures the processor time of some processes and their descendants from its construction on."""

    def __init__(self, of: AbstractSet[int]) -> None:
        self._of = of
        self._began = _seconds(of)

    def ms_each(self, times: int) -> float | None:
        """Milliseconds per act for so many acts; None where the system does not tell."""
        now = _seconds(self._of)
        return 1_000 * (now - self._began) / times if now else None


def seconds_by_word(of: AbstractSet[int], words: Sequence[str]) -> dict[str, float]:
    """Processor time of these processes and their descendants, by the first of the words found in their command."""
    processes = _processes()
    found = dict.fromkeys(words, 0.0)
    for pid in _with_all_below(of, processes):
        command = _command(pid)
        if (word := next((word for word in words if word in command), None)) is not None:
            found[word] += processes[pid].seconds
    return found


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Processes started in the context run on this core alone, or on any where the core is not available.

    None leaves the affinity as it is. The caller's own core is not inherited: all children would share it.
    """
    if core is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core} & _CORES or _CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def resident_mb(of: AbstractSet[int]) -> float:
    """Resident memory of the largest process among these and their descendants."""
    sizes = [_resident_kb(pid) for pid in _with_all_below(of, _processes())]
    return max(sizes, default=0) / 1024


def resident_mb_by_word(of: AbstractSet[int], word: str) -> float:
    """As `resident_mb`, of those alone in whose command the word is."""
    return (
        max((_resident_kb(pid) for pid in _with_all_below(of, _processes()) if word in _command(pid)), default=0) / 1024
    )


async def redis_seconds(redis: Redis) -> float:
    """Processor time of the server, or of all masters of a cluster, exact to the microsecond."""
    replies = (
        await redis.execute_on_masters("INFO", "cpu") if isinstance(redis, ClusterRedis) else [await redis.info("cpu")]
    )
    return sum(float(one["used_cpu_user"]) + float(one["used_cpu_sys"]) for one in replies)


def in_ms(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} ms"


def _seconds(of: AbstractSet[int]) -> float:
    """Leaves out processes that have ended; 0 where the system does not tell."""
    processes = _processes()
    return sum(processes[pid].seconds for pid in _with_all_below(of, processes))


def _with_all_below(of: AbstractSet[int], processes: Mapping[int, _Process]) -> Iterator[int]:
    below = defaultdict[int, list[int]](list)
    for pid, process in processes.items():
        below[process.parent].append(pid)
    waiting = [pid for pid in of if pid in processes]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(below[pid])


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it has just ended
        return ""


def _resident_kb(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _processes() -> dict[int, _Process]:
    found = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        ticks = int(fields[_USER]) + int(fields[_SYSTEM])
        found[int(stat.parent.name)] = _Process(int(fields[_PARENT]), ticks / os.sysconf("SC_CLK_TCK"))
    return found
