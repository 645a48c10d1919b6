"""TLS of the gRPC port: the SSLConfig of --ssl_config_file, whose fields hold the PEM texts themselves."""

from __future__ import annotations

from pathlib import Path

import grpc

from ganclf.errors import ConfigError
from serving.local.text_protos import SSLConfig, read_text_proto

FLAG = "--ssl_config_file"


def read_credentials(file: Path | None) -> grpc.ServerCredentials | None:
    """What a server needs to be encrypted; None: there is no file, and it is not encrypted.

    Raises:
        ConfigError: the file can't be read, is no SSLConfig, or lacks what it needs.
    """
    if file is None:
        return None
    config = read_text_proto(file, SSLConfig(), FLAG)
    for name in ("server_key", "server_cert"):
        if not getattr(config, name).strip():
            raise ConfigError(f"{FLAG}: {file} has no {name}. Put the PEM text there, not the path of a file.")
    if config.client_verify and not config.custom_ca.strip():
        raise ConfigError(f"{FLAG}: {file} asks for client_verify, but has no custom_ca that signed the clients.")
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify,
    )
