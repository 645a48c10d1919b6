"""Asks a server with ovmsclient, in a process of its own: ovms.py HOST:PORT MODEL VERSION TEXT...; prints JSON.

Without a version it would send 0, which its own server takes for the default one and TF Serving for version 0.
"""

import json
import sys

import numpy as np
from ovmsclient import make_grpc_client

address, model, version, *texts = sys.argv[1:]
client = make_grpc_client(address)
answer = client.predict({"text": texts}, model, int(version))
metadata = client.get_model_metadata(model, int(version))
status = client.get_model_status(model, int(version))
print(
    json.dumps(
        {
            "versions": [{"version": number, "state": each["state"]} for number, each in status.items()],
            "inputs": list(metadata["inputs"]),
            "labels": [each.decode() for each in np.ravel(answer["label"])],
            "shape": list(answer["probabilities"].shape),
        }
    )
)
