"""What becomes of the models that a server starts with: as the stock server, it ends if one can't be loaded."""

from __future__ import annotations

from collections.abc import Mapping

from ganclf.errors import ModelError
from serving.local.model import ServedModel


class FirstLoad:
    """Looks after the models of the first list until each of them serves, or failed for good.

    A folder without a version is waited for; a model that comes with a later list may fail without ending the server.

    Args:
        models: of the first list, by name.
    """

    def __init__(self, models: Mapping[str, ServedModel]) -> None:
        self._models = dict(models)

    def check(self) -> None:
        """Look again.

        Raises:
            ModelError: no model is under way any more, and one failed as often as it may.
        """
        if any(model.version is None and not model.has_failed for model in self._models.values()):
            return
        lost = [model for model in self._models.values() if model.version is None]
        self._models = {}
        if lost:
            raise ModelError(
                f"Failed to start server. {len(lost)} servable(s) did not become available: "
                f"{{{', '.join(map(_describe, lost))}}}. Mend these versions, or take them out of their folders."
            )


def _describe(model: ServedModel) -> str:
    """The newest version, and what it met."""
    number, state = next(iter(model.states().items()))
    return f"{{{{name: {model.name} version: {number}}} due to error: {state.code.name}: {state.message}}}"
