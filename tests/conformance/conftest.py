"""One suite for every server of TF Serving's protocol. Without options it starts the local one.

Against the stock binary where it is installed:
    pytest tests/conformance --server-binary tensorflow_model_server

Against servers that run, the stock image for one; the first command makes the models and prints how to start both:
    pytest tests/conformance --print-server-command --models-dir DIR [--seen-models-dir /conformance]
    pytest tests/conformance --models-dir DIR [--seen-models-dir /conformance] --server 127.0.0.1:8500 \
        --rest 127.0.0.1:8501 --batching-server 127.0.0.1:8510 --batching-rest 127.0.0.1:8511
"""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import served_models
from conversation import Peer
from server_choice import is_foreign, option
from server_process import (
    LOCAL,
    STOCK,
    Server,
    batching_flags,
    free_port,
    plain_flags,
    start_process,
    wait_until_ready,
)

OPTIONS = {
    "--server": "HOST:PORT of gRPC of a server that runs; without it the local one is started",
    "--rest": "HOST:PORT of its REST (default: the host of --server, port 8501)",
    "--batching-server": "HOST:PORT of a second server that batches; without it those rows are skipped",
    "--batching-rest": "HOST:PORT of its REST",
    "--models-dir": "folder with the models, which the servers see too",
    "--seen-models-dir": "the same folder as the servers see it (default: --models-dir)",
    "--server-binary": "start this program with the stock flags instead of the local server",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "which server is checked")
    for name, meaning in OPTIONS.items():
        group.addoption(name, help=meaning)
    group.addoption("--extensions", action="store_true", help="also what only the local server promises")
    group.addoption("--print-server-command", action="store_true", help="make the models, say how to start, and end")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not is_foreign(config) or option(config, "--extensions"):
        return
    extensions = [item for item in items if item.get_closest_marker("extension")]
    config.hook.pytest_deselected(items=extensions)
    items[:] = [item for item in items if item not in extensions]


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not option(config, "--print-server-command"):
        return None
    if not option(config, "--models-dir"):
        raise pytest.UsageError("--print-server-command needs --models-dir: the folder that the servers shall see")
    folder, seen = _folders(config)
    served_models.write_all(folder, seen)
    print(f"The models are in {folder}; the servers must see it as {seen}. Start both:")
    print(shlex.join([*STOCK, *plain_flags(seen, 8500, 8501)]))
    print(shlex.join([*STOCK, *batching_flags(seen, 8510, 8511)]))
    return 0


def _folders(config: pytest.Config) -> tuple[Path, Path | str]:
    folder = Path(option(config, "--models-dir")).absolute()
    return folder, option(config, "--seen-models-dir") or folder


@pytest.fixture(scope="session")
def start_server() -> Iterator[Callable[..., Server]]:
    """Start the server under test as a process of its own; it is stopped at the end."""
    started: list[Server] = []

    def start(config: pytest.Config, folder: Path, make_flags: Callable[..., list[str]], *more: str) -> Server:
        port, rest_port = free_port(), free_port()
        binary = option(config, "--server-binary")
        process = start_process((binary,) if binary else LOCAL, [*make_flags(folder, port, rest_port), *more])
        server = Server(f"127.0.0.1:{port}", f"127.0.0.1:{rest_port}", folder, folder, process)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def own_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and config files for the servers that we start."""
    folder = Path(option(request.config, "--models-dir") or tmp_path_factory.mktemp("conformance")).absolute()
    served_models.write_all(folder, folder)
    return folder


def _find(config: pytest.Config) -> tuple[Server, Server | None]:
    if not option(config, "--models-dir"):
        raise pytest.UsageError("--server needs --models-dir, which the server sees too; see --print-server-command")
    folder, seen = _folders(config)
    served_models.write_all(folder, seen)
    address, batching = option(config, "--server"), option(config, "--batching-server")
    rest = option(config, "--rest") or f"{address.rpartition(':')[0]}:8501"
    plain = Server(address, rest, folder, seen)
    if not batching:
        return plain, None
    return plain, Server(batching, option(config, "--batching-rest") or "", folder, seen)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, start_server: Callable[..., Server]) -> Server:
    """Serves the models of `BASELINE`."""
    config = request.config
    if option(config, "--server"):
        chosen, _ = _find(config)
    else:
        chosen = start_server(config, request.getfixturevalue("own_folder"), plain_flags)
    server = wait_until_ready(chosen, "text")
    server.reload()  # what an earlier run left goes
    return server


@pytest.fixture(scope="session")
def batching_server(request: pytest.FixtureRequest, start_server: Callable[..., Server]) -> Server:
    """Puts requests together, on one thread; started only where a test asks it."""
    config = request.config
    if option(config, "--server"):
        _, chosen = _find(config)
    else:
        chosen = start_server(config, request.getfixturevalue("own_folder"), batching_flags)
    if chosen is None:
        pytest.skip("no --batching-server was given")
    return wait_until_ready(chosen, "rows")


@pytest.fixture
def peer(server: Server) -> Peer:
    return server.peer


@pytest.fixture
def new_name(server: Server) -> Iterator[Callable[[], str]]:
    """Names of models that no run used before; afterwards the usual list holds again."""
    yield lambda: f"model-{uuid.uuid4().hex[:8]}"
    server.reload()
