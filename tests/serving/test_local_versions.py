"""Versions of the local server: which is found, how it switches, what a broken one does."""

from __future__ import annotations

import shutil
import threading
import weakref

import pytest
from tensorflow_serving.apis import get_model_status_pb2

from serving.local import LocalServer
from serving.local.served_model import ServedModel
from serving.local.versions import RetryPolicy, find_versions
from serving.local.warmup import METHODS

QUICK = 0.05  # seconds between looks


@pytest.fixture
def server(base_path):
    with LocalServer(base_path=base_path, port=0, file_system_poll_wait_seconds=QUICK) as running:
        yield running


def state_names(server) -> dict[int, str]:
    name = get_model_status_pb2.ModelVersionStatus.State.Name
    return {number: name(state.state) for number, state in server.models["classifier"].states().items()}


def make_version(folder, name, complete=True):
    (folder / name).mkdir()
    if complete:
        (folder / name / "saved_model.pb").touch()


def test_the_highest_number_is_newest_whatever_its_zeros(tmp_path):
    for name in ("9", "00000123", "20"):
        make_version(tmp_path, name)
    assert find_versions(tmp_path)[0].number == 123


def test_what_is_no_version_is_passed_over(tmp_path):
    make_version(tmp_path, "1")
    make_version(tmp_path, "2", complete=False)  # still being copied
    for name in ("incoming-7", "+8", "1_0", "-9", "１２", str(2**63), "9" * 100):
        make_version(tmp_path, name)
    (tmp_path / "99").touch()
    assert [version.number for version in find_versions(tmp_path)] == [1]


def test_a_folder_without_versions_or_no_folder_has_none(tmp_path):
    assert find_versions(tmp_path) == []
    assert find_versions(tmp_path / "gone") == []


def test_a_request_in_flight_finishes_on_its_version_which_then_ends(
    server, base_path, text_model, publish, connect, ask, eventually
):
    peer = connect(server.address)
    go = base_path.parent / "go"
    running = peer.prediction.Predict.future(ask(signature="wait", file=str(go).encode()), timeout=100)
    eventually(lambda: server.models["classifier"].in_flight == 1)
    publish(text_model, base_path, 2)
    eventually(lambda: state_names(server) == {2: "AVAILABLE", 1: "UNLOADING"})
    assert peer.predict(ask(text=[b"a"])).model_spec.version.value == 2
    assert peer.refusal(ask(text=[b"a"], version=1))[0] == "NOT_FOUND"
    assert not running.done()
    go.touch()
    assert running.result().model_spec.version.value == 1
    eventually(lambda: state_names(server)[1] == "END")


def test_an_ended_version_leaves_nothing_in_memory(server, base_path, text_model, publish, eventually):
    with server.models["classifier"].lease(None) as servable:
        graph = weakref.ref(servable._graph)
    del servable
    publish(text_model, base_path, 2)
    eventually(lambda: state_names(server).get(1) == "END")
    eventually(lambda: graph() is None)


def test_a_version_whose_warm_up_fails_does_not_serve(server, base_path, text_model, warm_up, eventually):
    copy = shutil.copytree(text_model, base_path / "incoming")
    warm_up(copy, text=[1.0])
    copy.rename(base_path / "2")
    eventually(lambda: state_names(server).get(2) == "END")
    assert server.models["classifier"].version == 1
    assert "Expects arg[0] to be string" in server.models["classifier"].states()[2].message


def test_without_warm_up_its_records_are_passed_over(base_path, warm_up):
    warm_up(base_path / "1", text=[1.0])  # a record that fails
    with LocalServer(base_path=base_path, port=0, enable_model_warmup=False) as server:
        assert server.models["classifier"].version == 1


def test_warm_up_records_are_replayed_before_a_version_serves(base_path, warm_up, monkeypatch):
    replayed = []
    run = METHODS["predict_log"]
    monkeypatch.setitem(METHODS, "predict_log", lambda *asked: replayed.append(asked[1]) or run(*asked))
    warm_up(base_path / "1", text=[b"good"])
    model = ServedModel("classifier", base_path)
    model.update()
    assert model.version == 1
    assert [list(request.inputs["text"].string_val) for request in replayed] == [[b"good"]]
    model.close()


@pytest.mark.parametrize(("retries", "expected"), [(RetryPolicy(seconds=0.0), 1 + 5), (RetryPolicy(0, 0.0), 1)])
def test_a_failed_load_is_tried_as_often_as_the_flag_says(tmp_path, retries, expected):
    make_version(tmp_path, "1")
    tries = []
    model = ServedModel("classifier", tmp_path, lambda version: tries.append(version) or 1 / 0, retries)
    for _ in range(10):
        model.update()
    assert len(tries) == expected


def test_a_failed_load_waits_before_it_is_tried_again(tmp_path):
    make_version(tmp_path, "1")
    tries = []
    model = ServedModel("classifier", tmp_path, lambda version: tries.append(version) or 1 / 0)
    model.update()
    model.update()
    assert len(tries) == 1
    assert RetryPolicy() == RetryPolicy(max_retries=5, seconds=60.0)


def test_a_mended_version_serves_at_the_next_try(tmp_path, text_model):
    make_version(tmp_path, "1")
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"no model")
    model = ServedModel("classifier", tmp_path, retries=RetryPolicy(seconds=0.0))
    model.update()
    assert model.version is None
    shutil.copytree(text_model, tmp_path / "1", dirs_exist_ok=True)
    model.update()
    assert model.version == 1
    model.close()


def test_a_folder_that_lost_all_versions_leaves_the_loaded_one_serving(base_path):
    model = ServedModel("classifier", base_path)
    model.update()
    shutil.rmtree(base_path / "1")
    model.update()
    assert model.version == 1
    model.close()


def test_a_poll_wait_of_zero_polls_once(base_path, text_model, publish):
    with LocalServer(base_path=base_path, port=0, file_system_poll_wait_seconds=0) as server:
        publish(text_model, base_path, 2)
        server._pollers[0].wake()
        threading.Event().wait(0.3)
        assert server.models["classifier"].version == 1


def test_the_first_version_may_come_after_the_start(tmp_path, text_model, publish, eventually):
    told = []
    with LocalServer(base_path=tmp_path, port=0, file_system_poll_wait_seconds=QUICK, announce=told.append) as server:
        assert "waits for the first version" in told[0]
        publish(text_model, tmp_path, 5)
        eventually(lambda: len(told) == 2)
        assert told[1] == f"serving classifier version 5 on {server.address}"
