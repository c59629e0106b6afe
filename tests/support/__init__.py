"""The service, the stores and the cast that tests share."""
