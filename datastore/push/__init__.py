"""Web Push: subscriptions of devices, and the keys of the installation."""
