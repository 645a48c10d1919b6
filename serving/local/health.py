"""grpc.health.v1, where the package grpcio-health-checking happens to be installed; nothing needs it."""

from __future__ import annotations

from typing import Any

import grpc

try:
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc
except ImportError:
    health = None


def add_health(server: grpc.Server) -> Any:
    """Add the service, NOT_SERVING so far; return its servicer, or None without the package."""
    if health is None:
        return None
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    return servicer


def set_serving(servicer: Any, model_name: str) -> None:
    """Tell that the model, and with it the server, can be asked."""
    if servicer is None:
        return
    for service in ("", model_name):
        servicer.set(service, health_pb2.HealthCheckResponse.SERVING)


def set_draining(servicer: Any) -> None:
    """Tell that no more requests are taken, so that whoever balances the load goes elsewhere."""
    if servicer is not None:
        servicer.enter_graceful_shutdown()
