"""The client of a model server: TF Serving or the local one. The only file of the client that uses gRPC."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

import grpc

from ganclf import contract
from ganclf.contract import (
    DrawnPicture,
    GeneratedText,
    GenerationRequest,
    Illustration,
    IllustrationRequest,
    PictureRequest,
    Reply,
    Restyled,
)
from ganclf.errors import ServerError, ServerUnavailable, UserError, program
from serving import messages, wire, wire_pictures
from serving.answers import Answer, Metadata, Prediction, VersionStatus
from serving.tls import TLS

__all__ = ["TLS", "Answer", "Client", "Metadata", "Prediction", "VersionStatus"]

CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", 256 * 2**20),  # bytes; gRPC's own 4 MiB is less than 1024 texts may need
    ("grpc.enable_retries", 0),  # the deadline of the whole call is ours to divide
    ("grpc.initial_reconnect_backoff_ms", 100),  # gRPC waits 1 s and then up to 2 min: too long after a restart
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.lb_policy_name", "round_robin"),  # where a name stands for several servers, as dns:///serving-grpc:8500
]
PREDICT = "/tensorflow.serving.PredictionService/Predict"
METADATA = "/tensorflow.serving.PredictionService/GetModelMetadata"
STATUS = "/tensorflow.serving.ModelService/GetModelStatus"
RELOAD = "/tensorflow.serving.ModelService/HandleReloadConfigRequest"


REMEDIES = {
    "NOT_FOUND": "Check the name and the version of the model (status() lists them; in commands: --model-name).",
    "DEADLINE_EXCEEDED": "Give a longer timeout, or send fewer texts at once.",
    "RESOURCE_EXHAUSTED": "The server has too much to do, or the message is too large: try later, or send less.",
    "INVALID_ARGUMENT": "Name a model that was trained here; metadata() shows what this one takes.",
    "FAILED_PRECONDITION": "Name a model that was trained here; metadata() shows what this one takes.",
    "UNIMPLEMENTED": "Give the address of a TF Serving gRPC port, which is usually 8500.",
}
RELOAD_REMEDIES = {
    "INVALID_ARGUMENT": "Mend the list of models.",
    "FAILED_PRECONDITION": "A label can only point at a version that is served: serve it first, then label it.",
    "PERMISSION_DENIED": "Ask from the machine of the server, or start it with --allow_reload.",
    "UNKNOWN": "Check that the folder of every model holds a version that loads.",
}
Row = TypeVar("Row")
Found = TypeVar("Found")
MAX_WAIT = 365 * 86_400.0  # seconds; to gRPC a time of infinity, or of more than 234 years, is over at once
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between tries; the first doubles up to the longest


class Client:
    """A connection to one model of a server; made without waiting, and safe to share between threads.

    Args:
        address: host:port of the server's gRPC.
        model: the name under which it is served.
        label: version label, such as stable or canary, that answers predict and metadata; empty: the newest version.
        timeout: seconds for a whole call, retries and every part of a long list included; math.inf: no bound.
        tls: None: not encrypted, for loopback and private networks.
    """

    def __init__(
        self,
        address: str = contract.DEFAULT_ADDRESS,
        *,
        model: str = contract.DEFAULT_MODEL,
        label: str = "",
        timeout: float = 10.0,
        tls: TLS | None = None,
    ) -> None:
        if not timeout > 0:
            raise UserError(f"timeout: {timeout!r} seconds leave no time to answer; give more than 0.")
        self.address, self.model, self.label, self.timeout = address, model, label, timeout
        self._channel = (
            grpc.secure_channel(address, grpc.ssl_channel_credentials(*tls.read()), CHANNEL_OPTIONS)
            if tls
            else grpc.insecure_channel(address, CHANNEL_OPTIONS)
        )
        self._predict = self._method(PREDICT, messages.PredictResponse)
        self._metadata = self._method(METADATA, messages.GetModelMetadataResponse)
        self._status = self._method(STATUS, messages.GetModelStatusResponse)
        self._reload = self._method(RELOAD, messages.ReloadConfigResponse)

    def predict(self, texts: Sequence[str], *, version: int | None = None) -> Answer:
        """Classify texts. A long list travels in several requests, one after the other.

        Args:
            texts: each at most contract.MAX_TEXT_CHARACTERS characters; may be empty.
            version: that has to answer; None: the one with the client's label, or else the newest.

        Returns:
            A prediction for each text. During a switch of versions its parts may come from two; Answer.version is of
            the last part.

        Raises:
            UserError: a text is too long or not a string.
            ServerUnavailable: no server answered in time.
            ServerError: the server refused.
        """
        start = time.monotonic()
        predictions: list[Prediction] = []
        for part in wire.split_texts(texts):
            response = self._call(self._predict, wire.predict_request(self.model, version, part, self.label), start)
            predictions += wire.read_predictions(response, len(part))
        answered = response.model_spec
        return Answer(tuple(predictions), answered.name, answered.version.value, time.monotonic() - start)

    def generate(
        self, requests: Sequence[GenerationRequest], *, version: int | None = None, texts_per_call: int = 64
    ) -> list[GeneratedText]:
        """Let a text generator write texts. Many travel in several calls, one after the other.

        Args:
            requests: one for each text.
            version: as for predict.
            texts_per_call: at most; each may need some seconds of work.

        Returns:
            A text for each request, in their order.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for an unknown label.
        """
        return self._in_parts(
            requests, texts_per_call, lambda rows: wire.generate_request(self.model, version, rows, self.label),
            wire.read_generated,
        )  # fmt: skip

    def replies(
        self, texts: Sequence[str], seeds: Sequence[int], temperature: float = 1.0, *, version: int | None = None,
        texts_per_call: int = 32,
    ) -> list[list[Reply]]:  # fmt: skip
        """Let a model of replies reply to texts. Many travel in several calls, one after the other.

        Args:
            texts: strings.
            seeds: of each text; the same gives the same replies.
            temperature: of what is generated; lower is more usual.
            version: as for predict.
            texts_per_call: at most.

        Returns:
            The replies to each text, the best first.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for a temperature out of range.
        """
        start = time.monotonic()
        found: list[list[Reply]] = []
        encoded = [text for part in wire.split_texts(texts) for text in part]
        for first in range(0, len(encoded), texts_per_call):
            part, keys = encoded[first : first + texts_per_call], seeds[first : first + texts_per_call]
            request = wire.reply_request(self.model, version, part, keys, temperature, self.label)
            found += wire.read_replies(self._call(self._predict, request, start), len(part))
        return found

    def restyle(
        self, texts: Sequence[str], target: str, strength: float = contract.DEFAULT_STRENGTH, *,
        version: int | None = None, texts_per_call: int = 32,
    ) -> list[Restyled]:  # fmt: skip
        """Let a model of styles rewrite texts. Many travel in several calls, one after the other.

        Args:
            texts: strings.
            target: label of the style; "": one that a text does not have.
            strength: 0 keeps the content, 1 takes the style at any price.
            version: as for predict.
            texts_per_call: at most.

        Returns:
            The rewritten text of each, in their order.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for an unknown label.
        """
        encoded = [text for part in wire.split_texts(texts) for text in part]
        return self._in_parts(
            encoded, texts_per_call,
            lambda part: wire.style_request(self.model, version, part, target, strength, self.label),
            wire.read_restyled,
        )  # fmt: skip

    def convert(
        self, pictures: Sequence[bytes], sharpness: float | None = None, *, target: str | None = None,
        version: int | None = None, pictures_per_call: int = contract.MAX_PICTURES,
    ) -> list[bytes]:  # fmt: skip
        """Let a model of pictures make others of these. Many travel in several calls, one after the other.

        Args:
            pictures: PNG, JPEG, WebP or BMP files.
            sharpness: of an enlarger, 0 to 1; None: the model takes none.
            target: of a translator, the kind that pictures become, "" for the second; None: the model takes none.
            version: as for predict.
            pictures_per_call: at most.

        Returns:
            A PNG for each, in their order.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for a file that is no picture.
        """
        return self._in_parts(
            pictures, pictures_per_call,
            lambda part: wire_pictures.picture_request(self.model, version, part, sharpness, target, self.label),
            wire_pictures.read_pictures,
        )  # fmt: skip

    def draw(
        self, requests: Sequence[PictureRequest], *, version: int | None = None,
        pictures_per_call: int = contract.MAX_DRAWN,
    ) -> list[DrawnPicture]:  # fmt: skip
        """Let a model draw pictures. Many travel in several calls, one after the other.

        Args:
            requests: one for each picture.
            version: as for predict.
            pictures_per_call: at most.

        Returns:
            A picture for each request, in their order.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for an unknown label.
        """
        return self._in_parts(
            requests, pictures_per_call, lambda rows: wire_pictures.draw_request(self.model, version, rows, self.label),
            wire_pictures.read_drawn,
        )  # fmt: skip

    def illustrate(
        self, requests: Sequence[IllustrationRequest], *, version: int | None = None,
        pictures_per_call: int = contract.MAX_PICTURES,
    ) -> list[Illustration]:  # fmt: skip
        """Let a model draw texts. Many travel in several calls, one after the other.

        Args:
            requests: one for each picture.
            version: as for predict.
            pictures_per_call: at most.

        Returns:
            A picture for each request, in their order.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, as for an empty text.
        """
        return self._in_parts(
            requests, pictures_per_call,
            lambda rows: wire_pictures.illustration_request(self.model, version, rows, self.label),
            wire_pictures.read_illustrations,
        )  # fmt: skip

    def kinds(self, picture: bytes, *, version: int | None = None) -> tuple[str, ...]:
        """The two kinds of pictures between which a translator translates; it says so with any picture.

        Args:
            picture: a PNG, JPEG, WebP or BMP file.
            version: as for predict.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused, or the model is no translator.
        """
        request = wire_pictures.picture_request(self.model, version, [picture], None, "", self.label)
        return wire_pictures.read_kinds(self._call(self._predict, request, time.monotonic()))

    def status(self) -> list[VersionStatus]:
        """Where each version of the model is in its life on the server, the highest first."""
        response = self._call(self._status, wire.status_request(self.model), time.monotonic())
        return wire.read_status(response)

    def metadata(self, *, version: int | None = None) -> Metadata:
        """The signatures of a version; None: as for predict."""
        response = self._call(self._metadata, wire.metadata_request(self.model, version, self.label), time.monotonic())
        return wire.read_metadata(response)

    def reload(self, config: bytes) -> None:
        """Replace the server's whole list of models; returns when the new ones are loaded.

        Args:
            config: a serialized ModelServerConfig.

        Raises:
            ServerUnavailable: no server answered in time.
            ServerError: the server refused the list, and goes on with the old one.
        """
        response = self._call(self._reload, wire.reload_request(config), time.monotonic(), RELOAD_REMEDIES)
        wire.check_reloaded(response)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _method(self, path: str, response: Any) -> Any:
        return self._channel.unary_unary(
            path,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=response.FromString,
        )

    def _in_parts(
        self, rows: Sequence[Row], per_call: int, request_of: Callable[[Sequence[Row]], Any],
        read: Callable[[Any], list[Found]],
    ) -> list[Found]:  # fmt: skip
        """What the model finds for rows that travel in several calls, one after the other."""
        start = time.monotonic()
        found: list[Found] = []
        for first in range(0, len(rows), per_call):
            found += read(self._call(self._predict, request_of(rows[first : first + per_call]), start))
        return found

    def _call(self, method: Any, request: Any, start: float, remedies: Mapping[str, str] = REMEDIES) -> Any:
        """Send a request, again and again while no server is there, until the deadline of the whole call."""
        deadline = start + self.timeout
        absent: grpc.RpcError | None = None
        pauses = _pauses()
        while True:
            try:
                return method(request, timeout=min(deadline - time.monotonic(), MAX_WAIT))
            except grpc.RpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE:
                    absent = error
                elif absent is None or error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise self._refused(error, remedies) from None
            pause = next(pauses)
            if time.monotonic() + pause >= deadline:
                raise self._absent(absent)
            time.sleep(pause)

    def _refused(self, error: grpc.RpcError, remedies: Mapping[str, str]) -> ServerError:
        code = error.code().name
        remedy = remedies.get(code, "See the log of the server.")
        return ServerError(f"{self.address} answered {code}: {error.details().rstrip('.')}. {remedy}", code)

    def _absent(self, error: grpc.RpcError) -> ServerUnavailable:
        return ServerUnavailable(
            f"No server answered at {self.address} within {self.timeout:g} s ({error.details()}). Start one with "
            f"`{program('serve', 'serving.local')}`, or give its address.",
            "UNAVAILABLE",
        )


def _pauses() -> Iterator[float]:
    """Seconds to wait after each failed try: doubling, and random so that many clients don't return in step."""
    longest = FIRST_PAUSE
    while True:
        yield random.uniform(longest / 2, longest)
        longest = min(2 * longest, LONGEST_PAUSE)
