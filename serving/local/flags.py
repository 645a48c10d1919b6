"""The command line of the local server: the stock server's flags, and a few of its own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.errors import program
from serving.local.options import MAX_STRING_CHARACTERS, MAX_TEXTS, default_threads

# of the stock server, for production; a command line made for it should start this one too
WITHOUT_EFFECT = (
    "prefer_tflite_model", "use_tflite_model", "num_tflite_pools", "num_tflite_interpreters_per_pool",
    "rest_api_num_threads", "enable_per_model_batching_parameters", "num_load_threads", "num_unload_threads",
    "flush_filesystem_caches", "tensorflow_session_config_file", "use_alts_credentials", "platform_config_file",
    "per_process_gpu_memory_fraction", "remove_unused_fields_from_bundle_metagraph", "enforce_session_run_timeout",
    "xla_cpu_compilation_enabled", "xla_gpu_compilation_enabled", "enable_profiler", "mixed_precision",
    "thread_pool_factory_config_file", "skip_initialize_tpu", "enable_grpc_healthcheck_service",
    "enable_serialization_as_tensor_content", "use_saved_model",
    "force_allow_any_version_labels_for_unavailable_models",
)  # fmt: skip
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def make_parser() -> argparse.ArgumentParser:
    """The parser; its values are the fields of ServerOptions, WITHOUT_EFFECT and `version`."""
    parser = argparse.ArgumentParser(
        prog=program("serve", "serving.local"),
        description="Serve the newest version of a SavedModel with TF Serving's protocol, on one machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,  # the stock server takes whole names only
    )
    for add_group in (_add_models, _add_addresses, _add_limits, _add_runs, _add_files):
        add_group(parser)
    for name in WITHOUT_EFFECT:
        parser.add_argument(f"--{name}", nargs="?", const="true", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--version", **_flag(), help="print the versions of this server and of TensorFlow, and end")
    return parser


def _add_models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("models").add_argument
    add("--model_name", default=contract.DEFAULT_MODEL, help="under which clients find it")
    add("--model_base_path", dest="base_path", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL,
        metavar="FOLDER", help="its children named by integers are the versions")  # fmt: skip
    add("--model_config_file", type=Path, metavar="FILE",
        help="ModelServerConfig as a text proto, instead of --model_name and --model_base_path")  # fmt: skip
    add("--model_config_file_poll_wait_seconds", type=float, default=0.0,
        help="between readings of that file; 0 reads it only once")  # fmt: skip
    add("--file_system_poll_wait_seconds", type=float, default=1.0,
        help="between polls for a newer version; 0: only one, at the start")  # fmt: skip
    add("--allow_version_labels_for_unavailable_models", **_flag(),
        help="a new label may point at a version that is not loaded yet")  # fmt: skip
    add("--allow_reload", **_flag(), help="answer HandleReloadConfigRequest on more than the loopback address")
    add("--max_num_load_retries", type=int, default=5, help="of a version that does not load")
    add("--load_retry_interval_micros", type=int, default=60_000_000, help="from one try to the next; negative: none")
    add("--enable_model_warmup", **_flag(True), help="replay a model's warm-up records before it serves")
    add("--num_request_iterations_for_warmup", type=int, default=1, help="times that each of them is replayed")
    add("--saved_model_tags", default="serve", help="of the graph to load, with commas between them")


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("addresses").add_argument
    add("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for every one")
    add("--port", type=int, default=8500, help="of gRPC; 0 chooses a free one")
    add("--grpc_socket_path", default="", metavar="PATH", help="UNIX socket for gRPC, in addition to the port")
    add("--grpc_channel_arguments", default="", metavar="NAME=VALUE,…", help="of gRPC itself")
    add("--rest_api_port", type=int, default=0, help="of the REST protocol; 0 for none")
    add("--rest_api_timeout_in_ms", type=int, default=30_000, help="that a REST request may take")
    add("--rest_api_enable_cors_support", **_flag(), help="let web pages from anywhere use REST")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("limits").add_argument
    add("--grpc_max_threads", type=int, default=default_threads(), help="requests that run at the same time")
    add("--max_message_mebibytes", type=int, default=64, help="size above which a request is refused")
    add("--max_texts", type=int, default=MAX_TEXTS, help="strings of one input above which it is refused")
    add("--max_text_characters", type=int, default=MAX_STRING_CHARACTERS, help="of a string above which it is refused")
    add("--max_request_seconds", type=float, default=0.0,
        help="for a request whose client allows more; 0: as long as the client allows")  # fmt: skip


def _add_runs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("runs").add_argument
    add("--enable_batching", **_flag(), help="run requests together that arrive together")
    add("--enable_signature_method_name_check", **_flag(), help="refuse Classify on a signature of another method")
    add("--public_apis_only", **_flag(), help="leave the private parts of gRPC, TensorFlow and uvicorn alone")
    add("--tensorflow_session_parallelism", type=int, default=0, help="threads of a session; 0: TensorFlow chooses")
    add("--tensorflow_intra_op_parallelism", type=int, default=0, help="threads inside an op; 0: TensorFlow chooses")
    add("--tensorflow_inter_op_parallelism", type=int, default=0, help="ops of a run at once; 0: by its rows")


def _add_files(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("text protos").add_argument
    add("--batching_parameters_file", type=Path, metavar="FILE", help="BatchingParameters")
    add("--monitoring_config_file", type=Path, metavar="FILE", help="MonitoringConfig")
    add("--ssl_config_file", type=Path, metavar="FILE", help="SSLConfig; the gRPC port is encrypted")


def _flag(default: bool = False) -> dict[str, Any]:
    """A boolean: bare, or `=true`, `=false`, `=1`, `=0`."""
    return {"type": _boolean, "nargs": "?", "const": True, "default": default, "metavar": "true|false"}


def _boolean(text: str) -> bool:
    """Read `true` or `false` as the stock server does, 1 and 0 too."""
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false") from None
