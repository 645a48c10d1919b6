"""Files of texts become rows: read, checked and split. Imports no TensorFlow, and pandas only when a file is read."""

from ganclf.data.checking import MAX_CLASSES, check_rows
from ganclf.data.locations import sample_path, sample_test_path
from ganclf.data.reading import Rows, read_rows
from ganclf.data.splitting import folds, hold_out, keep_labels
from ganclf.data.summary import Contradiction, DataSummary
from ganclf.data.tables import MAX_ROWS
from ganclf.data.training_data import TrainingData, load_training_data

__all__ = [
    "MAX_CLASSES",
    "MAX_ROWS",
    "Contradiction",
    "DataSummary",
    "Rows",
    "TrainingData",
    "check_rows",
    "folds",
    "hold_out",
    "keep_labels",
    "load_training_data",
    "read_rows",
    "sample_path",
    "sample_test_path",
]
