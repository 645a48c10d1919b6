"""Several models, version policies, labels, the file that lists the models, and its replacement while serving."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ConfigError
from serving.local import LocalServer
from serving.local.versions import Version, choose_versions

QUICK = 0.05  # seconds between looks


@pytest.fixture(scope="module")
def twice(tmp_path_factory) -> Path:
    """One version of a tiny model."""
    path = tmp_path_factory.mktemp("models") / "twice"
    module = tf.Module()
    module.answer = tf.function(lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.answer})
    return path


@pytest.fixture
def folders(tmp_path, twice, publish) -> Path:
    """Model `a` with versions 1 to 3 and model `b` with version 7."""
    for name, numbers in (("a", (1, 2, 3)), ("b", (7,))):
        (tmp_path / name).mkdir()
        for number in numbers:
            publish(twice, tmp_path / name, number)
    return tmp_path


def model(folders: Path, name: str, more: str = "") -> str:
    return f'config {{ name: "{name}" base_path: "{folders / name}" model_platform: "tensorflow" {more} }}'


def listed(*models: str) -> str:
    return "model_config_list { " + " ".join(models) + " }"


@pytest.fixture
def start(folders):
    """Serve the models of a model config file."""
    running = []

    def start(*models: str, **options: object) -> LocalServer:
        file = folders / "models.config"
        file.write_text(listed(*models))
        server = LocalServer(model_config_file=file, port=0, file_system_poll_wait_seconds=QUICK, **options)
        running.append(server)
        return server.start()

    yield start
    for server in running:
        server.stop()


def reload(peer, text: str) -> model_management_pb2.ReloadConfigResponse:
    request = model_management_pb2.ReloadConfigRequest()
    text_format.Parse(text, request.config)
    return peer.model.HandleReloadConfigRequest(request, timeout=30)


def refused_reload(peer, text: str) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        reload(peer, text)
    return caught.value.code().name, caught.value.details()


def asked(ask, name="a", label=""):
    request = ask(name, x=[1.0])
    if label:
        request.model_spec.version_label = label
    return request


def available(server: LocalServer, name: str) -> list[int]:
    state = get_model_status_pb2.ModelVersionStatus.AVAILABLE
    return [number for number, at in server.models[name].states().items() if at.state == state]


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        ("", [3]),
        ("latest { }", [3]),
        ("latest { num_versions: 2 }", [3, 2]),
        ("all { }", [3, 2, 1]),
        ("specific { versions: 1 versions: 3 versions: 9 }", [3, 1]),
    ],
)
def test_a_policy_chooses_versions_the_highest_first(policy, chosen):
    config = text_format.Parse(listed(f"config {{ model_version_policy {{ {policy} }} }}"), ModelServerConfig())
    found = [Version(number, Path(str(number))) for number in (3, 2, 1)]
    policy = config.model_config_list.config[0].model_version_policy
    assert [version.number for version in choose_versions(found, policy)] == chosen


def test_a_first_label_may_come_before_its_version_if_that_is_allowed(start, folders, connect, ask):
    labeled = model(folders, "a", 'version_labels { key: "stable" value: 3 }')
    server = start(labeled, allow_version_labels_for_unavailable_models=True)
    assert connect(server.address).predict(asked(ask, label="stable")).model_spec.version.value == 3


def test_a_reload_replaces_the_whole_list(start, folders, connect, ask, eventually):
    server = start(model(folders, "a"))
    peer = connect(server.address)
    reload(peer, listed(model(folders, "b")))
    assert peer.predict(asked(ask, "b")).model_spec.version.value == 7
    assert peer.refusal(asked(ask)) == ("NOT_FOUND", "Servable not found for request: Latest(a)")
    eventually(lambda: available(server, "a") == [])
    reload(peer, listed(model(folders, "a"), model(folders, "b")))
    assert peer.predict(asked(ask)).model_spec.version.value == 3


def test_a_reload_may_change_the_policy(start, folders, connect, eventually):
    server = start(model(folders, "a"))
    reload(connect(server.address), listed(model(folders, "a", "model_version_policy { specific { versions: 1 } }")))
    eventually(lambda: available(server, "a") == [1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("INVALID_ARGUMENT", "ServerModelConfig type not supported")),
        ("custom_model_config { }", ("INVALID_ARGUMENT", "ServerModelConfig type not supported")),
        (listed('config { name: "c" base_path: "/c" } config { name: "c" base_path: "/d" }'),
         ("INVALID_ARGUMENT", "Illegal to list model c multiple times in config list")),
        (listed('config { name: "c" base_path: "here/c" model_platform: "tensorflow" }'),
         ("INVALID_ARGUMENT", "Expected model c to have an absolute path or URI; got base_path()=here/c")),
        (listed('config { name: "a" base_path: "/a" model_platform: "tflite" }'),
         ("INVALID_ARGUMENT", "Illegal to change a model's platform. For model a platform was tensorflow and new ")),
        (listed('config { name: "c" base_path: "/c" model_platform: "torch" }'),
         ("INVALID_ARGUMENT", "Model c requests unsupported platform torch")),
        (listed('config { name: "c" base_path: "/c" }'), ("INVALID_ARGUMENT", "Illegal setting neither ")),
        (listed('config { name: "c" base_path: "/nowhere" model_platform: "tensorflow" }'),
         ("UNKNOWN", "1 model(s) did not become available: {{c}}")),
    ],
)  # fmt: skip
def test_a_list_is_refused_and_what_served_goes_on(folders, start, connect, ask, text, expected):
    server = start(model(folders, "a"))
    peer = connect(server.address)
    code, message = refused_reload(peer, text)
    assert code == expected[0]
    assert message.startswith(expected[1])
    if code == "INVALID_ARGUMENT":
        assert peer.predict(asked(ask)).model_spec.version.value == 3


def test_the_file_is_read_again_if_that_is_asked_for(start, folders, connect, ask, eventually):
    server = start(model(folders, "a"), model_config_file_poll_wait_seconds=QUICK)
    (folders / "models.config").write_text(listed(model(folders, "a"), model(folders, "b")))
    eventually(lambda: "b" in server.models and server.models["b"].version == 7)
    (folders / "models.config").write_text("not a text proto {")
    assert connect(server.address).predict(asked(ask, "b")).model_spec.version.value == 7


def test_strangers_may_not_reload_unless_that_is_allowed(start, folders, connect):
    again = listed(model(folders, "a"))
    server = start(model(folders, "a"), host="0.0.0.0")
    port = server.address.rpartition(":")[2]
    code, message = refused_reload(connect(f"127.0.0.1:{port}"), again)
    assert code == "PERMISSION_DENIED"
    assert "--allow_reload" in message
    server = start(model(folders, "a"), host="0.0.0.0", allow_reload=True)
    assert reload(connect(f"127.0.0.1:{server.address.rpartition(':')[2]}"), again).status.error_code == 0


@pytest.mark.parametrize("text", ["model_config_list { config { nam: 1 } }", "{", None])
def test_a_file_that_is_no_list_of_models_is_a_users_error(tmp_path, text):
    file = tmp_path / "models.config"
    if text is not None:
        file.write_text(text)
    expected = "can't be read" if text is None else "Error parsing text-format tensorflow.serving.ModelServerConfig"
    with pytest.raises(ConfigError, match=expected):
        LocalServer(model_config_file=file, port=0).start()


def test_a_refused_list_ends_the_start_with_a_users_error(start):
    with pytest.raises(ConfigError, match="Expected model m to have an absolute path"):
        start('config { name: "m" base_path: "m" model_platform: "tensorflow" }')
