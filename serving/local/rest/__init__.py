"""TF Serving's REST protocol: JSON becomes the same requests that come over gRPC."""
