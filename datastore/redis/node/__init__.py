"""One Redis node: connections, protocol, pipeline, circuit breaker."""
