"""What only the local server promises."""

from __future__ import annotations

import signal
import socket
import time

import pytest
from conversation import Peer, ask, refusal
from server_process import LOCAL, Server, free_port, plain_flags, start_process, wait_until_ready

pytestmark = pytest.mark.extension


@pytest.mark.parametrize("text", [b"a", [[b"a"]]], ids=["scalar", "matrix"])
def test_the_rank_is_checked_against_the_signature_before_running(peer, text):
    code, message = refusal(peer.predict, ask(signature="unguarded", inputs={"text": text}))
    assert code == "INVALID_ARGUMENT"
    assert "is not compatible with expected shape [?]." in message


def test_it_answers_on_loopback_alone(server):
    with pytest.raises(OSError):  # noqa: PT011  refused, or on macOS no address at all
        socket.create_connection(("127.0.0.2", int(server.address.rpartition(":")[2])), timeout=10)


@pytest.fixture
def open_server(server):
    """A server on every address."""
    port = free_port()
    process = start_process(LOCAL, [*plain_flags(server.folder, port, free_port()), "--host=0.0.0.0"])
    running = wait_until_ready(Server(f"127.0.0.1:{port}", "", server.folder, server.folder, process), "text")
    yield running
    process.kill()
    running.stop()


def test_elsewhere_it_refuses_reloads_and_on_sigterm_it_drains_and_ends_with_0(open_server):
    assert refusal(open_server.reload)[0] == "PERMISSION_DENIED"
    call = Peer(open_server.address).prediction.Predict.future(ask(signature="spin", inputs={"seconds": 1.5}))
    time.sleep(0.5)
    open_server.process.send_signal(signal.SIGTERM)
    assert call.result().model_spec.version.value == 3
    assert open_server.process.wait(timeout=30) == 0
