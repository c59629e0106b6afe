"""Web Push: devices are told of notifications through the push services of their browsers."""
