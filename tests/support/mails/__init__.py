"""A mail server, and the mails that it or the catcher of dev took."""
