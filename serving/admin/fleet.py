"""Several servers that have the same list of models."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType

from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ServerError, ServerUnavailable, UserError
from serving.answers import VersionStatus
from serving.client import TLS, Client

AVAILABLE, END = "AVAILABLE", "END"
PAUSE = 0.2  # seconds between polls of the states
GRACE = 3.0  # seconds in which a server may still report how an earlier try ended
# of a refusal that another list or another argument mends
MISTAKES = ("INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND")


class Fleet:
    """Connections to servers.

    Args:
        addresses: host:port of gRPC of each.
        timeout: seconds for a request to one server, and for a version to load.
        tls: None: not encrypted.
    """

    def __init__(self, addresses: Sequence[str], timeout: float, tls: TLS | None = None) -> None:
        self.addresses = addresses
        self.timeout = timeout
        self._tls = tls
        self._stack = ExitStack()
        self._clients: dict[tuple[str, str, str], Client] = {}

    def __enter__(self) -> Fleet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def status(self, address: str, model: str) -> list[VersionStatus]:
        """The versions of a model on a server, the highest first; none, if it does not have the model."""
        try:
            return self._client(address, model).status()
        except ServerError as error:
            if error.code == "NOT_FOUND":
                return []
            raise

    def labeled(self, address: str, model: str, label: str) -> int | None:
        """The version at which a label points on a server; None: it knows no such label."""
        try:
            return self._client(address, model, label).metadata().version
        except ServerError as error:
            if isinstance(error, ServerUnavailable):
                raise
            return None

    def available(self, model: str) -> list[int]:
        """The versions that every server serves, the lowest first."""
        served = [
            {each.version for each in self.status(address, model) if each.state == AVAILABLE}
            for address in self.addresses
        ]
        return sorted(set.intersection(*served))

    def replace(self, new: ModelServerConfig, old: ModelServerConfig) -> None:
        """Give every server a list of models; if one refuses it, those that took it get the old one back.

        Raises:
            UserError: the list can't hold, or a label points at a version that is not loaded.
            ServerError: a server refused it for another reason.
            ServerUnavailable: one does not answer.
        """
        done: list[str] = []
        for address in self.addresses:
            try:
                self._client(address).reload(new.SerializeToString())
            except ServerError as error:
                back = self._give_back(done, old)
                if error.code in MISTAKES:
                    raise UserError(f"{error}{back}") from None
                raise
            done.append(address)

    def wait_for(self, model: str, version: int) -> None:
        """Return when every server serves a version.

        Raises:
            UserError: it does not load, for the reason that the server gives.
        """
        for address in self.addresses:
            state = self._wait(address, model, version)
            if state is None or state.state != AVAILABLE:
                why = f"is {state.state}: {state.error or 'no reason is given'}" if state else "is unknown"
                raise UserError(
                    f"{address}: version {version} of {model} {why} after {self.timeout:g} s. Check its folder, or "
                    "give a longer --timeout."
                )

    def _wait(self, address: str, model: str, version: int) -> VersionStatus | None:
        start = time.monotonic()
        while True:
            state = next((each for each in self.status(address, model) if each.version == version), None)
            passed = time.monotonic() - start
            failed = state is not None and state.state == END and state.error and passed > GRACE
            if failed or (state and state.state == AVAILABLE) or passed + PAUSE >= self.timeout:
                return state
            time.sleep(PAUSE)

    def _give_back(self, addresses: Sequence[str], old: ModelServerConfig) -> str:
        for address in addresses:
            self._client(address).reload(old.SerializeToString())
        return f" {', '.join(addresses)} got the old list back." if addresses else ""

    def _client(self, address: str, model: str = "", label: str = "") -> Client:
        key = (address, model, label)
        if key not in self._clients:
            client = Client(address, model=model, label=label, timeout=self.timeout, tls=self._tls)
            self._clients[key] = self._stack.enter_context(client)
        return self._clients[key]


def restoring(fleet: Fleet, old: ModelServerConfig, change: Callable[[], None]) -> None:
    """Make a change in several steps; if one fails, every server gets the old list back.

    Raises:
        UserError, ServerError: what the step met.
    """
    try:
        change()
    except (UserError, ServerError) as error:
        if not isinstance(error, ServerUnavailable):
            fleet.replace(old, old)
        raise
