"""Names of the Redis keys of queues, workers and sweepers. Keys of one queue, or worker number, share a hash tag."""

from hashlib import blake2b


def jobs(queue: str) -> str:
    """STREAM with one consumer group: the jobs of one kind of worker."""
    return f"jobs:{{{queue}}}"


def dead_jobs(queue: str) -> str:
    """STREAM: dead letters, the jobs that failed too often."""
    return f"jobs:{{{queue}}}:dead"


def worker_lease(number: int) -> str:
    """STRING: the token of the process that makes ids under this worker number."""
    return f"ids:worker:{{{number}}}"


def worker_clock(number: int) -> str:
    """STRING: Unix milliseconds up to which ids of this worker number may have been made."""
    return f"ids:clock:{{{number}}}"


def sweep() -> str:
    """STRING: exists for a while after a sweep, so that other sweepers skip theirs."""
    return "sweep"


def swept_run() -> str:
    """STRING: the run of Redis for which the sweepers reissued the latest posts."""
    return "sweep:run"


def reissued(packed_job: bytes) -> str:
    """STRING: exists for a while after this job was reissued."""
    return f"sweep:job:{blake2b(packed_job, digest_size=16).hexdigest()}"
