"""What is counted and measured of a process, in the names that Prometheus scrapes."""

from prometheus_client import Counter

DEVICE_REQUESTS = Counter(
    "rookery_device_requests_total",
    "Reads of timelines by the kind of device they say they come from",
    ["field", "kind"],
)
UNCOUNTED = Counter(
    "rookery_rate_limit_open_total", "What passed without being counted because Redis was away", ["what"]
)
