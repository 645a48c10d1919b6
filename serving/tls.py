"""How a connection is encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.errors import UserError


@dataclass(frozen=True, kw_only=True)
class TLS:
    """The files that a client needs, in PEM."""

    root_certificate: Path  # of the authority that signed the server's certificate
    certificate: Path | None = None  # our own, if the server requires one
    key: Path | None = None  # of our own certificate

    def read(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        """The contents of root certificate, key and certificate, in gRPC's order.

        Raises:
            UserError: one can't be read, or a certificate came without its key.
        """
        if (self.certificate is None) != (self.key is None):
            raise UserError(f"TLS: certificate {self.certificate}, key {self.key}: give both or neither.")
        return _read(self.root_certificate), _read(self.key), _read(self.certificate)


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"TLS: {path} can't be read ({error.strerror}). Give the path of a PEM file.") from None
