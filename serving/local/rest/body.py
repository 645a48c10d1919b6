"""The body of an HTTP request: of a bounded size, whole or in chunks, plain or compressed."""

from __future__ import annotations

import zlib
from email.message import Message
from io import BufferedIOBase

import grpc

from serving.local.failures import RequestError, invalid_argument

MAX_DIGITS = 18  # of a Content-Length
GZIP = "gzip"
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's number for a gzip header


def read_body(headers: Message, file: BufferedIOBase, max_bytes: int) -> bytes:
    """Read a body, and inflate it if it is compressed.

    Args:
        headers: of the request.
        file: stands behind them.
        max_bytes: of the body, as it comes and inflated.
    Raises:
        RequestError: RESOURCE_EXHAUSTED, it is larger; INVALID_ARGUMENT, it can't be read.
    """
    body = _read_raw(headers, file, max_bytes)
    if headers.get("Content-Encoding", "").lower() != GZIP:
        return body
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        inflated = inflater.decompress(body, max_bytes + 1)
    except zlib.error:
        raise invalid_argument("The body is not compressed with gzip, as its Content-Encoding says") from None
    _check_size(len(inflated), max_bytes)
    return inflated


def _read_raw(headers: Message, file: BufferedIOBase, max_bytes: int) -> bytes:
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return b"".join(_read_chunks(file, max_bytes))
    length = headers.get("Content-Length", "0")
    if not length.isascii() or not length.isdigit() or len(length) > MAX_DIGITS:
        raise invalid_argument("Content-Length is no number")
    _check_size(int(length), max_bytes)
    return file.read(int(length))


def _read_chunks(file: BufferedIOBase, max_bytes: int) -> list[bytes]:
    chunks: list[bytes] = []
    while size := _read_chunk_size(file):
        _check_size(size + sum(map(len, chunks)), max_bytes)
        chunks.append(file.read(size))
        file.readline(16)
    while file.readline(65_536).strip():  # trailers
        pass
    return chunks


def _read_chunk_size(file: BufferedIOBase) -> int:
    try:
        return int(file.readline(64).partition(b";")[0], 16)
    except ValueError:
        raise invalid_argument("A chunk has no size") from None


def _check_size(size: int, max_bytes: int) -> None:
    if not 0 <= size <= max_bytes:
        raise RequestError(
            grpc.StatusCode.RESOURCE_EXHAUSTED, f"Received message larger than max ({size} vs. {max_bytes})"
        )
