"""Prometheus metrics of a process.

Labels come from closed sets, or are bounded where they are made: no client can make their number grow without end.
Processes that uvicorn starts together (WEB_CONCURRENCY) count into shared files, and each shows the sum.
"""

from core.runtime.metrics_multiprocess import share_counts

share_counts()

# The import reads the environment: other modules have these types from here.
from prometheus_client import Counter as Counter  # noqa: E402, PLC0414
from prometheus_client import Gauge  # noqa: E402
from prometheus_client import Histogram as Histogram  # noqa: E402, PLC0414

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_DELAYS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0)

OPERATION_SECONDS = Histogram(
    "rookery_operation_seconds",
    "From the first look at an operation to its end",
    ["operation", "kind"],
    buckets=_SECONDS,
)
OPERATION_ERRORS = Counter(
    "rookery_operation_errors_total", "Errors in the answers of operations, by their code", ["operation", "code"]
)
REFUSALS = Counter("rookery_refusals_total", "Requests of which nothing was executed, by the code", ["code"])
RESOLVER_BATCHES = Histogram(
    "rookery_resolver_batch_size",
    "Objects asked for by one call of a loader",
    ["loader"],
    buckets=(1, 2, 5, 10, 20, 50, 100),
)
SOCKETS = Gauge("rookery_sockets", "Websockets that are open", multiprocess_mode="livesum")
SUBSCRIPTIONS = Gauge(
    "rookery_subscriptions", "Subscriptions that are open, on sockets and streams", multiprocess_mode="livesum"
)
PUSHES = Counter("rookery_pushes_total", "Events sent to subscribers", ["operation"])
EVENT_DELAY_SECONDS = Histogram(
    "rookery_event_delay_seconds",
    "From the entry of an event in its log until its subscriptions have it; events of one moment count once",
    buckets=_DELAYS,
)
DROPPED_CLIENTS = Counter(
    "rookery_dropped_clients_total", "Clients let go because they read nothing, or answered no ping", ["transport"]
)
ENGINE_OPERATIONS = Counter(
    "rookery_engine_operations_total",
    "Operations whose plan was found, those compiled, and those left to graphql-core by reason",
    ["what"],
)
DEVICE_REQUESTS = Counter(
    "rookery_device_requests_total",
    "Reads of timelines by the kind of device they say they come from",
    ["field", "kind"],
)
DECIDED_ALONE = Counter(
    "rookery_rate_limit_alone_total", "Limits that a process decided alone because Redis was away", ["what"]
)
AD_SLOTS = Counter("rookery_ad_slots_total", "Places for advertisements on pages, filled and empty", ["what"])
AD_IMPRESSIONS = Counter("rookery_ad_impressions_total", "Impressions that were recorded and paid")
AD_CLICKS = Counter("rookery_ad_clicks_total", "Clicks that were recorded")
AD_SPENT_CENTS = Counter("rookery_ad_spent_cents_total", "Cents that campaigns paid for impressions")
AD_REVIEWS = Counter("rookery_ad_reviews_total", "Decisions of moderators about campaigns", ["result"])
CAMPAIGNS_RUNNING = Gauge(
    "rookery_campaigns_running", "Campaigns that can pay at this moment", multiprocess_mode="livemax"
)
CAMPAIGNS_IN_REVIEW = Gauge(
    "rookery_campaigns_in_review", "Campaigns that wait for a moderator", multiprocess_mode="livemax"
)
ACTS_REFUSED = Counter("rookery_acts_refused_total", "Acts refused because their limit was reached", ["act"])
REDIS_SECONDS = Histogram("rookery_redis_seconds", "Round trips to Redis", buckets=_SECONDS)
MONGODB_SECONDS = Histogram("rookery_mongodb_seconds", "Commands to MongoDB", ["command"], buckets=_SECONDS)
MONGODB_FAILURES = Counter("rookery_mongodb_failures_total", "Commands to MongoDB that failed", ["command"])
JOB_SECONDS = Histogram("rookery_job_seconds", "Carrying out a job", ["queue"], buckets=_DELAYS)
JOB_FAILURES = Counter("rookery_job_failures_total", "Jobs that failed and are tried again", ["queue"])
JOBS_LAID_ASIDE = Counter("rookery_jobs_laid_aside_total", "Jobs that were given up", ["queue"])
MAILS = Counter("rookery_mails_total", "Mails by their kind: sent, deferred, refused", ["kind", "outcome"])
WEB_PUSHES = Counter(
    "rookery_web_pushes_total", "Pushes to devices: sent, silent, put_off, failed, refused, gone", ["outcome"]
)
WEB_PUSH_DELAY_SECONDS = Histogram(
    "rookery_web_push_delay_seconds",
    "From an act until a push service has taken the push that tells of it",
    buckets=_DELAYS,
)
QUEUE_OPEN = Gauge("rookery_queue_open", "Jobs that wait or are under way", ["queue"])
QUEUE_LAG_SECONDS = Gauge("rookery_queue_lag_seconds", "Age of the oldest job that is not done", ["queue"])
FANOUT_DELAY_SECONDS = Histogram(
    "rookery_fanout_delay_seconds", "From posting an item until it is in all lists", buckets=_DELAYS
)
