"""python -m ganclf.export.stock_ops > ops_2_20.txt: list the ops of the installed TensorFlow and TF-Text.

The stock server links all kernels of TensorFlow (`//tensorflow/core:all_kernels`) and the ops of TF-Text
(`//tensorflow_text:ops_lib`) of its own release; so do the wheels. Kept are ops with a kernel for processors, but those
that need Python, another machine, or files: of these only what restores a checkpoint or fills a table from an asset.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version

RELEASE = "2.20."
# what the saver adds to every SavedModel, the checkpoint's file names, and tables from assets
KEPT_FILES = {
    "SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "ShardedFilespec", "InitializeTableFromTextFileV2",
}  # fmt: skip
REFUSED = {
    "Python, and what the runtime puts in by itself": r"_.*|.*PyFunc.*",
    "files": r"ReadFile|WriteFile|RecordInput|.*MatchingFiles.*|.*Reader.*|.*Record(Dataset)?.*|.*TextLineDataset.*"
    r"|.*FixedLength.*Dataset.*|.*CSVDataset.*|.*SqlDataset|.*LMDB.*|Save.*|Restore.*|DistributedSave|.*LoadDataset"
    r"|LoadAndRemapMatrix|.*Snapshot.*|.*CacheDataset.*|.*MemoryCache|.*Summary.*|.*FromTextFile.*|MergeV2Checkpoints"
    r"|FileSystem.*|Debug.*|Dump.*|.*ImmutableConst|.*AssertNextDataset.*|Print|PrintV2|GenerateVocabRemapping"
    r"|FixedUnigramCandidateSampler|CalibrationStatisticsSaver|CustomAggregator",
    "machines": r"Rpc.*|DeleteRpcFuture.*|.*DataService.*|Collective.*|.*TPU.*|.*Tpu.*|Xla.*|DTensor.*|Nccl.*"
    r"|RemoteCall|RegisterDataset.*|InitializeTableFromDataset|Send|Recv",
    "the end of the process, and TensorFlow's own tests": r"Abort|Fact|Old|TestAttr|GraphDefVersion|ConstructionFails"
    r"|KernelLabel.*|Dtype.*|FakeQueue|StubResource.*|Resource(Create|Initialized|Using)Op|Sleep.*|Dummy.*|MockOp|None"
    r"|DevicePlacementOp|HostConst",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the list with its source; return the exit code."""
    argparse.ArgumentParser(
        prog="python -m ganclf.export.stock_ops",
        description=f"Print the operations that the stock server {RELEASE}x runs on a processor, one per line.",
        allow_abbrev=False,
    ).parse_args(arguments)
    versions = {name: version(name) for name in ("tensorflow", "tensorflow-text")}
    if not all(number.startswith(RELEASE) for number in versions.values()):
        print(f"error: the list is that of {RELEASE}x; installed are {versions}. Install those.", file=sys.stderr)
        return 2
    ops = sorted(name for name in _with_kernels() if name in KEPT_FILES or not _is_refused(name))
    named = " and ".join(f"{name}=={number}" for name, number in versions.items())
    print(f"# {len(ops)} ops with a kernel for processors, from {named} by python -m ganclf.export.stock_ops. It")
    print("# leaves out: calls of Python, other machines, and files but checkpoints and assets.")
    print("\n".join(ops))
    return 0


def _with_kernels() -> set[str]:
    import tensorflow  # noqa: F401
    import tensorflow_text  # noqa: F401  registers its ops
    from tensorflow.python.framework import kernels

    registered = kernels.get_all_registered_kernels().kernel
    return {kernel.op for kernel in registered if kernel.device_type in ("CPU", "DEFAULT")}


def _is_refused(name: str) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in REFUSED.values())


if __name__ == "__main__":
    sys.exit(main())
