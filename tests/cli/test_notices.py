"""Known notices are left out of stderr, and nothing else."""

import os
import subprocess
import sys

import pytest

SESSION = """
import os, sys
from ganclf.cli.notices import without_known_notices
with without_known_notices():
    os.write(2, b"I0000 00:00 mlir_graph_optimization_pass.cc:437] MLIR V1 is not enabled\\nkept one\\n")
    os.write(2, b"part of a line ")
    print("kept two", file=sys.stderr)
os.write(2, b"after: mlir_graph_optimization_pass.cc\\n")
"""


@pytest.mark.parametrize("level", ["3", "0"])
def test_known_notices_are_left_out_unless_the_user_wants_notices(level):
    done = subprocess.run(
        [sys.executable, "-c", SESSION],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": level},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("MLIR V1" in done.stderr) == (level == "0")
    assert done.stderr.endswith("kept one\npart of a line kept two\nafter: mlir_graph_optimization_pass.cc\n")
