#!/usr/bin/env bash
# A gRPC call with timeout=math.inf, or a timeout of some centuries: does it wait as long as it takes?
# Expected: yes up to 7.3e9 seconds. With 7.5e9 or infinity, a server that answers at once is not reached: the call ends with
# DEADLINE_EXCEEDED within a millisecond. The limit, measured to a few seconds, is 2^63 nanoseconds since 1970 less the time of
# the call. For a call without a deadline give None, and bound a timeout that a user may choose.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "grpcio==1.85.1" "typing_extensions==4.16.0"
cd "$folder"
venv/bin/python - <<'PYTHON'
import math
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc

print(f"python {sys.version.split()[0]}, grpcio {grpc.__version__}")
echo = grpc.unary_unary_rpc_method_handler(lambda request, context: request)
server = grpc.server(ThreadPoolExecutor(1))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", {"Echo": echo}),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
seen = {}
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    call = channel.unary_unary("/test.Echo/Echo")
    for timeout in (None, 5.0, 7.3e9, 7.5e9, 1e10, math.inf):
        try:
            seen[timeout] = call(b"hello", timeout=timeout).decode()
        except grpc.RpcError as error:
            seen[timeout] = error.code().name
        print(f"timeout={timeout!s:14} {seen[timeout]}")
server.stop(None)
as_recorded = list(seen.values()) == ["hello"] * 3 + ["DEADLINE_EXCEEDED"] * 3
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
