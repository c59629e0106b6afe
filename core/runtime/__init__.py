"""The process: event loop, garbage collection, deadlines, logs, traces, metrics."""
