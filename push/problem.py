"""What keeps a push from going on."""


class PushError(Exception):
    """The push cannot go on; the text says why and what to do."""
