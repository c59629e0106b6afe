"""Fault injection: breaks a cluster under load and checks it against the model. `python -m bench.chaos`."""
