"""Every error that a user can meet, in one small tree.

A message says what is wrong, the value, and how to mend it. Commands print it without a traceback.
"""


class GanclfError(Exception):
    """Base of all; `exit_code` is what a command ends with."""

    exit_code = 1


class UserError(GanclfError):
    """Something that the user gave can't be used as it is."""

    exit_code = 2


class DataError(UserError):
    """A file of texts can't be read, or its rows can't be learned from."""


class ConfigError(UserError):
    """An option, or a combination of options, has no meaning."""


class ModelError(UserError):
    """A folder holds no model that this version can read."""


class EncoderError(GanclfError):
    """An encoder was asked before it was fitted."""


class TrainingError(GanclfError):
    """The game came to nothing; nothing was published."""


class ExportError(GanclfError):
    """A model was not published; what was published before is untouched."""


class ServerError(GanclfError):
    """A server answered with an error; `code` is the gRPC status name, such as NOT_FOUND."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ServerUnavailable(ServerError):
    """No server answered at the address before the deadline."""
