"""ganclf: a few labeled texts and many unlabeled ones become a served classifier."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganclf.classification.estimator import GANClassifier
    from ganclf.classification.folds import LabeledFolds

__version__ = "0.1.0"
__all__ = ["GANClassifier", "LabeledFolds", "__version__"]


def __getattr__(name: str) -> Any:
    # lazily: `--help`, the client and the page import this package and need no scikit-learn or TensorFlow
    if name == "GANClassifier":
        from ganclf.classification.estimator import GANClassifier

        return GANClassifier
    if name == "LabeledFolds":
        from ganclf.classification.folds import LabeledFolds

        return LabeledFolds
    raise AttributeError(f"module 'ganclf' has no attribute {name!r}")
