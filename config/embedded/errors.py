"""The one error of the embedded servers."""


class EmbeddedError(RuntimeError):
    """The embedded servers cannot run; the message says why, and what to do about it."""
