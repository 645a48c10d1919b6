"""The file of --ssl_config_file: a text proto of SSLConfig, which holds the PEM files themselves, not their paths."""

from __future__ import annotations

import os
from pathlib import Path

from google.protobuf.text_encoding import CEscape

from ganclf.errors import UserError


def write_ssl_config(output: Path, key: Path, certificate: Path, client_ca: Path | None) -> None:
    """Write the file, readable by its owner alone: it holds the private key.

    Args:
        output: path of a new file.
        key: PEM of the server's private key.
        certificate: PEM of the server's certificate.
        client_ca: PEM of the authority whose certificates clients must show; None: they need none.

    Raises:
        UserError: a file can't be read, is not PEM, or the output exists already.
    """
    fields = {"server_key": _read(key), "server_cert": _read(certificate)}
    if client_ca:
        fields["custom_ca"] = _read(client_ca)
    lines = [f'{name}: "{CEscape(text, as_utf8=False)}"' for name, text in fields.items()]
    lines.append(f"client_verify: {'true' if client_ca else 'false'}")
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UserError(
            f"--output: {output} can't be written ({error.strerror}). Give the path of a new file."
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write("\n".join(lines) + "\n")


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}). Give the path of a PEM file.") from None
    if b"-----BEGIN " not in content:
        raise UserError(f"{path} is not a PEM file: it has no line with -----BEGIN. Convert it with openssl.")
    return content
