"""python -m serving.local: serve the newest version of a model over gRPC until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.errors import GanclfError
from serving.local.options import ServerOptions, default_threads

logger = logging.getLogger(__name__)
# of the stock server, for production; a command line made for it should start this one too
WITHOUT_EFFECT = (
    "prefer_tflite_model", "enable_model_warmup", "grpc_channel_arguments", "rest_api_num_threads",
    "rest_api_enable_cors_support", "tensorflow_session_parallelism", "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism", "num_load_threads", "num_unload_threads", "max_num_load_retries",
    "load_retry_interval_micros", "flush_filesystem_caches", "per_process_gpu_memory_fraction", "saved_model_tags",
    "platform_config_file", "use_tflite_model",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; return the exit code. A user's mistake ends with a sentence, not a traceback."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    for name in WITHOUT_EFFECT:
        if vars(arguments).pop(name) is not None:
            logger.warning("--%s has no effect here; the stock server knows it", name)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it calls the session's loader deprecated at every start
    try:
        _serve(ServerOptions(**vars(arguments)))
    except GanclfError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _serve(options: ServerOptions) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what fails reaches us as an exception
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # a training on the same GPU needs memory too
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # our sentences say it; gRPC would log a port in use once more
    from serving.local.server import LocalServer  # imports TensorFlow, which takes seconds: after the arguments

    with LocalServer(announce=partial(print, flush=True), **asdict(options)):
        stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.local",
        description="Serve the newest version of a SavedModel with TF Serving's gRPC protocol, on one machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--model_name", default=contract.DEFAULT_MODEL, help="name that clients ask for")
    add("--model_base_path", dest="base_path", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL,
        metavar="FOLDER", help="its children named by integers are the versions")  # fmt: skip
    add("--model_config_file", type=Path, metavar="FILE",
        help="ModelServerConfig as a text proto, instead of --model_name and --model_base_path")  # fmt: skip
    add("--model_config_file_poll_wait_seconds", type=float, default=0.0,
        help="between readings of that file; 0 reads it only once")  # fmt: skip
    add("--allow_version_labels_for_unavailable_models", **FLAG,
        help="a new label may point at a version that is not loaded yet")  # fmt: skip
    add("--allow_reload", **FLAG, help="answer HandleReloadConfigRequest on more than the loopback address")
    add("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for every one")
    add("--port", type=int, default=8500, help="0 chooses a free one")
    add("--rest_api_port", type=int, default=0, help="of the REST protocol; 0 for none")
    add("--rest_api_timeout_in_ms", type=int, default=30_000, help="that a REST request may take")
    add("--file_system_poll_wait_seconds", type=float, default=1.0,
        help="between looks for a newer version; 0 looks only once")  # fmt: skip
    add("--grpc_max_threads", type=int, default=default_threads(), help="requests that run at the same time")
    add("--max_message_mebibytes", type=int, default=64, help="size above which a request is refused")
    add("--enable_batching", **FLAG, help="run requests together that arrive together")
    add("--batching_parameters_file", type=Path, metavar="FILE", help="BatchingParameters as a text proto")
    add("--monitoring_config_file", type=Path, metavar="FILE", help="MonitoringConfig as a text proto")
    add("--enable_signature_method_name_check", **FLAG, help="refuse Classify on a signature of another method")
    for name in WITHOUT_EFFECT:
        add(f"--{name}", nargs="?", const="true", default=None, help=argparse.SUPPRESS)
    return parser


def _boolean(text: str) -> bool:
    """Read `true` or `false` as the stock server does, 1 and 0 too."""
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false") from None


BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
FLAG: dict[str, Any] = {"type": _boolean, "nargs": "?", "const": True, "default": False, "metavar": "true|false"}


if __name__ == "__main__":
    sys.exit(main())
