"""What can go wrong with a customer's functions."""


class ScriptError(RuntimeError):
    """A function of the customer's raised an error, or gave what cannot be sent: correct it."""
