"""Helpers that several test rooms share.

`service` runs the API and the workers in the test's process; `stores` has the databases of the run; `people` are users
of the public API; `waiting` polls for a condition. `model/` is the brute-force model of the service with random stories
for it, `processes/` runs programs that tests kill, `scenarios/` sets up situations that several tests start from.
"""
