"""What a request ends with besides an answer: every exception becomes one status and one sentence here."""

from __future__ import annotations

import logging
import traceback

import grpc
import tensorflow as tf

logger = logging.getLogger(__name__)

MESSAGE_BYTES = 1024  # of a message; the stock server cuts there too
UNEXPECTED = "The server met an error that it did not expect; its log shows where."
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class RequestError(Exception):
    """A request can't be answered; `code` and `message` are what the client gets."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_argument(message: str) -> RequestError:
    """The request itself is wrong, whatever the state of the server."""
    return RequestError(grpc.StatusCode.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> RequestError:
    """The server, or the model that it has, is not in a state in which the request can be answered."""
    return RequestError(grpc.StatusCode.FAILED_PRECONDITION, message)


def deadline_exceeded() -> RequestError:
    """The time of the request is over."""
    return RequestError(grpc.StatusCode.DEADLINE_EXCEEDED, "The deadline passed before the request was answered.")


def servable_not_found(name: str, version: int | None) -> RequestError:
    """No such model, or not this version of it."""
    wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
    return RequestError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}")


def missing_model_spec() -> RequestError:
    """The request names no model."""
    return invalid_argument("Missing ModelSpec")


def from_request(error: Exception) -> RequestError:
    """Map what a request met. The unforeseen becomes INTERNAL, and is logged without the text of the request."""
    known = _known(error)
    if known is not None:
        return known
    # not the exception's own words: they may quote the request
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected %s while answering:\n%s", type(error).__name__, where)
    return RequestError(grpc.StatusCode.INTERNAL, UNEXPECTED)


def from_load(error: Exception) -> RequestError:
    """Map what a load met. No request is involved, so the exception's own words may be shown."""
    return _known(error) or RequestError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")


def status_of(error: Exception) -> str:
    """The name of the status that a request ends with, for the metrics."""
    known = _known(error)
    return known.code.name if known else grpc.StatusCode.INTERNAL.name


def cut(message: str) -> str:
    """At most 1,024 bytes of UTF-8, marked if that is not all; gRPC would drop a status that is much longer."""
    encoded = message.encode("utf-8", "surrogateescape")  # a message may quote bytes that are not UTF-8
    if len(encoded) <= MESSAGE_BYTES:
        return message
    return encoded[:MESSAGE_BYTES].decode(errors="ignore") + "...TRUNCATED"


def _known(error: Exception) -> RequestError | None:
    if isinstance(error, RequestError):
        return error
    if isinstance(error, tf.errors.OpError) and not isinstance(error, tf.errors.UnknownError):
        return RequestError(_CODES[error.error_code], _runtime_message(error))
    return None


def _runtime_message(error: tf.errors.OpError) -> str:
    """The runtime's own message, which is the stock server's.

    The Python session raises a copy of it with file names and lines of this machine; the original is its context.
    """
    original = error.__context__ if isinstance(error.__context__, tf.errors.OpError) else error
    return str(original.message)
