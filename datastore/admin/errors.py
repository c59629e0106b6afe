"""Errors that operators are told by their text alone."""


class CommandError(Exception):
    """The command can't be done as it was asked for; the text says why."""
