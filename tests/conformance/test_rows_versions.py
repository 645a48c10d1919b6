"""Versions: policies, labels, hot swap, and a version that does not load. Each test serves a model of its own."""

from __future__ import annotations

import shutil
import threading

import pytest
from conversation import ask, eventually, refusal, status

TEXT = {"text": [b"a"]}
ALL = "model_version_policy { all { } }"


@pytest.fixture
def serve(server, new_name):
    """Publish versions of a model and serve it; returns its name."""

    def serve(*versions: int | str, policy: str = "") -> str:
        name = new_name()
        for version in versions:
            server.publish("text", name, version)
        server.reload(server.entry(name, policy))
        return name

    return serve


def available(peer, name: str) -> list[int]:
    return sorted(version for version, state in peer.states(name).items() if state == "AVAILABLE")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", [12]),
        ("model_version_policy { latest { num_versions: 2 } }", [3, 12]),
        (ALL, [1, 3, 12]),
        ("model_version_policy { specific { versions: 1 versions: 3 } }", [1, 3]),
    ],
    ids=["default", "latest", "all", "specific"],
)
def test_a_policy_chooses_versions_and_the_highest_answers(peer, serve, policy, expected):
    name = serve(1, 3, "00000012", "draft", policy=policy)
    eventually(lambda: available(peer, name) == expected)
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == expected[-1]
    for version in expected:
        assert peer.predict(ask(name, inputs=TEXT, version=version)).model_spec.version.value == version
    for version in {1, 3, 12} - set(expected):
        message = f"Servable not found for request: Specific({name}, {version})"
        assert refusal(peer.predict, ask(name, inputs=TEXT, version=version)) == ("NOT_FOUND", message)


def test_labels_are_assigned_by_a_reload_and_move(server, peer, serve):
    name = serve(1, 2, policy=ALL)
    eventually(lambda: available(peer, name) == [1, 2])
    for stable, canary in ((1, 2), (2, 1)):
        labels = f'{ALL} version_labels {{ key: "stable" value: {stable} }} '
        server.reload(server.entry(name, labels + f'version_labels {{ key: "canary" value: {canary} }}'))
        for label, version in (("stable", stable), ("canary", canary)):
            assert peer.predict(ask(name, inputs=TEXT, label=label)).model_spec.version.value == version
    [only] = peer.status(status(name, label="canary")).model_version_status
    assert only.version == 1


def test_a_swap_fails_no_request_and_never_goes_back(server, peer, serve):
    name = serve(1)
    seen: list[list[int]] = [[] for _ in range(4)]  # of each asker, one answer after the other
    failures, done = [], threading.Event()

    def keep_asking(mine: list[int]) -> None:
        while not done.is_set():
            try:
                mine.append(peer.predict(ask(name, inputs=TEXT)).model_spec.version.value)
            except Exception as error:  # noqa: BLE001  any failure is the finding
                failures.append(error)

    askers = [threading.Thread(target=keep_asking, args=(mine,)) for mine in seen]
    for asker in askers:
        asker.start()
    try:
        eventually(lambda: all(seen))
        server.publish("text", name, 2)
        eventually(lambda: available(peer, name) == [2])
        eventually(lambda: all(mine[-1] == 2 for mine in seen))
    finally:
        done.set()
        for asker in askers:
            asker.join()
    assert not failures
    assert all(mine == sorted(mine) and set(mine) == {1, 2} for mine in seen)


def test_a_request_in_flight_finishes_on_its_version(server, peer, serve):
    name = serve(1)
    running = peer.prediction.Predict.future(ask(name, signature="spin", inputs={"seconds": 4.0}), timeout=30)
    server.publish("text", name, 2)
    eventually(lambda: peer.states(name).get(2) == "AVAILABLE")
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == 2
    assert not running.done()
    assert running.result().model_spec.version.value == 1
    eventually(lambda: peer.states(name).get(1, "END") == "END")


def test_a_version_that_does_not_load_leaves_the_old_one_serving_and_status_tells_why(server, peer, serve):
    name = serve(1)
    broken = server.folder / "models" / name / ".broken"
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"no model")
    broken.rename(broken.with_name("2"))
    eventually(lambda: 2 in peer.states(name) and peer.status(status(name, version=2)).model_version_status[0].status
               .error_code)  # fmt: skip
    [newest] = peer.status(status(name, version=2)).model_version_status
    assert "saved_model" in newest.status.error_message
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == 1
    assert available(peer, name) == [1]


def test_removing_the_newest_version_goes_back_to_the_one_before(server, peer, serve):
    name = serve(1, 2)
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == 2
    shutil.rmtree(server.folder / "models" / name / "2")
    eventually(lambda: available(peer, name) == [1])
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == 1
