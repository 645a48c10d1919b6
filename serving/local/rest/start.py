"""The REST server that the options ask for."""

from __future__ import annotations

import logging

from serving.local.metrics import Metrics
from serving.local.options import ServerOptions
from serving.local.prediction_service import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.rest.http_server import Pages, RestServer
from serving.local.rest.routes import Routes

logger = logging.getLogger(__name__)


def make_rest_server(
    options: ServerOptions, models: ModelRegistry, metrics: Metrics, pages: Pages
) -> RestServer | None:
    """A server that listens; None if there is to be none.

    Raises:
        ConfigError: the address can't be listened on.
    """
    if not options.rest_api_port:
        return None
    if options.rest_api_port == options.port:
        logger.error("--rest_api_port cannot be the same as --port. Skipped exporting HTTP/REST API.")
        return None
    routes = Routes(models, PredictionService(models, metrics, "REST"), options.rest_api_timeout_in_ms / 1000)
    largest = options.max_message_mebibytes * 2**20
    allows_origins = options.rest_api_enable_cors_support
    return RestServer(options.host, options.rest_api_port, routes, largest, pages, allows_origins)
