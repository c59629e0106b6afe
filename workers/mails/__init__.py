"""Mails: the consumer of the outbox, texts, connections to the mail server, and the catcher of dev."""
