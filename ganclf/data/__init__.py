"""Files of texts become rows: read, checked and split. Imports no TensorFlow, and pandas only when a file is read."""

from ganclf.data.checking import MAX_CLASSES, check_rows
from ganclf.data.reading import Rows, read_rows
from ganclf.data.sample import sample_path, sample_test_path
from ganclf.data.splitting import folds, hold_out, keep_labels
from ganclf.data.summary import Contradiction, DataSummary
from ganclf.data.tables import MAX_ROWS
from ganclf.data.training_data import Material, load_material

__all__ = [
    "MAX_CLASSES",
    "MAX_ROWS",
    "Contradiction",
    "DataSummary",
    "Material",
    "Rows",
    "check_rows",
    "folds",
    "hold_out",
    "keep_labels",
    "load_material",
    "read_rows",
    "sample_path",
    "sample_test_path",
]
