"""Background workers, the only writers of home timelines. Any number of processes may run the same worker."""
