"""What is counted and measured of a process, in the names that Prometheus scrapes."""

from prometheus_client import Counter

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
UNCOUNTED = Counter(
    "rookery_rate_limit_open_total", "What passed without being counted because Redis was away", ["what"]
)
