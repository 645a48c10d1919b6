"""What gRPC itself knows to ask a server: health, reflection, sockets, its own arguments."""

from __future__ import annotations

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from ganclf.errors import ConfigError
from serving.local import LocalServer
from serving.local.options import ServerOptions

Status = health_pb2.HealthCheckResponse


def health(channel: grpc.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    return health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status


def test_health_tells_of_the_server_and_of_each_model(text_peer):
    assert health(text_peer.channel) == health(text_peer.channel, "classifier") == Status.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        health(text_peer.channel, "other")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_server_without_a_version_is_not_serving_until_one_comes(tmp_path, text_model, publish, connect, eventually):
    with LocalServer(base_path=tmp_path, port=0, file_system_poll_wait_seconds=0.05) as server:
        channel = connect(server.address).channel
        assert health(channel) == Status.NOT_SERVING
        publish(text_model, tmp_path, 1)
        eventually(lambda: health(channel) == Status.SERVING)


def test_reflection_lists_the_services_and_gives_their_files(text_peer):
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="tensorflow.serving.PredictionService"),
    ]
    listed, file = reflection_pb2_grpc.ServerReflectionStub(text_peer.channel).ServerReflectionInfo(iter(requests))
    names = {service.name for service in listed.list_services_response.service}
    assert {"tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"} <= names
    assert b"MultiInference" in file.file_descriptor_response.file_descriptor_proto[0]


def test_a_unix_socket_answers_beside_the_port(base_path, tmp_path, connect, ask):
    socket = tmp_path / "s"
    with LocalServer(base_path=base_path, port=0, grpc_socket_path=str(socket)) as server:
        for address in (f"unix:{socket}", server.address):
            assert connect(address).predict(ask(text=[b"good"])).outputs["label"].string_val == [b"good"]


def test_arguments_of_grpc_reach_it(base_path, connect, ask):
    arguments = "grpc.max_receive_message_length=2000,grpc.lb_policy_name=grpclb"
    with LocalServer(base_path=base_path, port=0, grpc_channel_arguments=arguments) as server:
        peer = connect(server.address)
        assert peer.predict(ask(text=[b"good"])).model_spec.version.value == 1
        assert peer.refusal(ask(text=[b"a" * 2000]))[0] == "RESOURCE_EXHAUSTED"


def test_arguments_of_grpc_are_numbers_where_they_can_be(tmp_path):
    options = ServerOptions(base_path=tmp_path, grpc_channel_arguments="a=1,b=-2,c=x=y")
    assert options.channel_arguments == [("a", 1), ("b", -2), ("c", "x=y")]
    with pytest.raises(ConfigError, match="name=value"):
        ServerOptions(base_path=tmp_path, grpc_channel_arguments="alone")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('server_key: "k"', "has no server_cert"),
        ('server_key: "k" server_cert: "c" client_verify: true', "has no custom_ca"),
        ("server_keys: 1", "Error parsing text-format tensorflow.serving.SSLConfig"),
    ],
)
def test_an_ssl_config_that_lacks_something_is_a_users_error(base_path, tmp_path, text, message):
    (tmp_path / "ssl.config").write_text(text)
    with pytest.raises(ConfigError, match=message):
        LocalServer(base_path=base_path, port=0, ssl_config_file=tmp_path / "ssl.config")
