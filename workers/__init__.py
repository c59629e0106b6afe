"""Background processes: only they write timelines. Each consumes a queue; any number of processes may run."""
