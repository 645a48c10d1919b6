"""Fuzzing: malformed requests each have to be answered with a status of TF Serving's, and leave no memory behind.

They are random bytes, messages with changed bytes, and tensors of every kind and size.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc

from ganclf import contract
from serving import messages
from serving.client import Client
from serving.measure.processes import MEBIBYTE, ServerProcess

EXPECTED = {
    "OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", "INTERNAL",
}  # fmt: skip
MAX_MEBIBYTES = 200.0
IN_FLIGHT = 32  # requests under way
WARM_UP = 2000  # requests before the memory is read
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
PREDICTION, MODELS = "/tensorflow.serving.PredictionService/", "/tensorflow.serving.ModelService/"
METHODS = [PREDICTION + name for name in ("Predict", "Classify", "Regress", "MultiInference", "GetModelMetadata")]
METHODS += [MODELS + "GetModelStatus", PREDICTION + "NoSuchMethod"]
MAX_DTYPE, REFERENCE = 32, 100  # DataType's numbers, and what references add to them
MAX_RANK, MAX_SIZE_BITS = 40, 40
INVALID_TEXTS = [
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\x00" * 9,
    b"\xf4\x90\x80\x80",
    b"",
    "\U0010ffff".encode() * 99,
]
RARE = 1 / 5000  # a request of 100 MB takes a tenth of a second


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Statuses of all requests, and the memory before and after."""
    with ServerProcess(arguments.model) as server, grpc.insecure_channel(server.address, OPTIONS) as channel:
        fuzzer = RequestFuzzer(arguments.seed)
        statuses = _send(channel, fuzzer, min(WARM_UP, arguments.requests))
        before = server.resident_mebibytes()
        statuses += _send(channel, fuzzer, arguments.requests - sum(statuses.values()))
        after = server.resident_mebibytes()
        with Client(server.address, model=contract.DEFAULT_MODEL) as client:
            answers = len(client.predict(["a text"]).predictions)
        alive = server.is_alive and answers == 1
    unexpected = {name: count for name, count in statuses.items() if name not in EXPECTED}
    return {
        "requests": sum(statuses.values()),
        "kinds": dict(fuzzer.made),
        "statuses": dict(statuses),
        "alive": alive,
        "mebibytes_before": before,
        "mebibytes_after": after,
        "holds": alive and not unexpected and after - before < MAX_MEBIBYTES,
    }


def _send(channel: grpc.Channel, fuzzer: RequestFuzzer, count: int) -> Counter[str]:
    statuses: Counter[str] = Counter()
    methods: dict[str, Any] = {}
    while count > 0:
        made = [fuzzer.make() for _ in range(min(IN_FLIGHT, count))]
        count -= len(made)
        for path, _ in made:
            methods.setdefault(path, channel.unary_unary(path))
        calls = [methods[path].future(body, timeout=60) for path, body in made]
        statuses.update(call.code().name for call in calls)
    return statuses


class RequestFuzzer:
    """Makes requests; the same seed makes the same ones.

    Attributes:
        made: how many of each kind.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.made: Counter[str] = Counter()
        self._kinds: list[Callable[[], tuple[str, bytes]]] = [
            self._random_bytes, self._changed, self._changed, self._tensor, self._tensor, self._invalid_text,
        ]  # fmt: skip

    def make(self) -> tuple[str, bytes]:
        """The path of a method, and the body of a request."""
        kind = self._huge if self._random.random() < RARE else self._random.choice(self._kinds)
        self.made[kind.__name__.strip("_")] += 1
        return kind()

    def _random_bytes(self) -> tuple[str, bytes]:
        return self._random.choice(METHODS), self._random.randbytes(self._random.randrange(300))

    def _changed(self) -> tuple[str, bytes]:
        """A valid request, some bytes of which are others, missing or twice."""
        body = bytearray(self._predict([b"a text", b"another"]))
        for _ in range(self._random.randrange(1, 6)):
            at = self._random.randrange(len(body))
            body[at : at + self._random.randrange(3)] = self._random.randbytes(self._random.randrange(3))
            body = body or bytearray(1)
        return self._random.choice(METHODS), bytes(body)

    def _tensor(self) -> tuple[str, bytes]:
        """A tensor of any dtype, rank and shape, with values that may fit or not."""
        request = self._named()
        entry = request.inputs.add(key=self._random.choice(["text", "text", "text", "other"]))
        tensor = entry.value
        tensor.dtype = self._random.randrange(MAX_DTYPE) + self._random.choice([0, 0, 0, REFERENCE])
        for _ in range(self._random.randrange(MAX_RANK)):
            tensor.tensor_shape.dim.add(size=self._size())
        tensor.tensor_shape.unknown_rank = self._random.random() < 0.05
        self._random.choice([self._fill_strings, self._fill_floats, self._fill_content, lambda _: None])(tensor)
        return METHODS[0], request.SerializeToString()

    def _invalid_text(self) -> tuple[str, bytes]:
        texts = [self._random.choice(INVALID_TEXTS) for _ in range(self._random.randrange(5))]
        return METHODS[0], self._predict(texts)

    def _huge(self) -> tuple[str, bytes]:
        """100 MB of text: in one string, in many, or just below what a message may have."""
        size, count = self._random.choice([(100 * MEBIBYTE, 1), (MEBIBYTE, 100), (50 * MEBIBYTE, 1), (40, 1_000_000)])
        return METHODS[0], self._predict([b"x" * size] * count)

    def _size(self) -> int:
        return self._random.choice([0, 1, 1, 2, -1, self._random.getrandbits(MAX_SIZE_BITS), 2**MAX_SIZE_BITS])

    def _fill_strings(self, tensor: Any) -> None:
        tensor.string_val.extend([b"x"] * self._random.randrange(4))

    def _fill_floats(self, tensor: Any) -> None:
        tensor.float_val.extend([float("nan"), float("inf"), -0.0][: self._random.randrange(4)])

    def _fill_content(self, tensor: Any) -> None:
        tensor.tensor_content = self._random.randbytes(self._random.randrange(64))

    def _named(self) -> Any:
        request = messages.PredictRequest()
        request.model_spec.name = contract.DEFAULT_MODEL
        return request

    def _predict(self, texts: list[bytes]) -> bytes:
        request = self._named()
        tensor = request.inputs.add(key="text").value
        tensor.dtype = messages.DT_STRING
        tensor.tensor_shape.dim.add(size=len(texts))
        tensor.string_val.extend(texts)
        return bytes(request.SerializeToString())
