"""Files of texts become rows: read, checked and split. Imports no TensorFlow, and pandas only when a file is read."""

from ganclf.data.checking import MAX_CLASSES, check_rows
from ganclf.data.columns import ChosenColumns, LabelMode, choose_columns
from ganclf.data.label_reading import LabelOptions
from ganclf.data.labeled_rows import Rows, read_column, read_rows, text_columns
from ganclf.data.locations import sample_path, sample_test_path
from ganclf.data.reading import open_table, read_table
from ganclf.data.splitting import folds, hold_out, keep_labels
from ganclf.data.stream import TableStream
from ganclf.data.summary import Contradiction, DataSummary, FileSummary
from ganclf.data.table import MAX_ROWS, LineCounts, ReadOptions, Table
from ganclf.data.training_data import TrainingData, join_rows, load_training_data, read_file

__all__ = [
    "MAX_CLASSES",
    "MAX_ROWS",
    "ChosenColumns",
    "Contradiction",
    "DataSummary",
    "FileSummary",
    "LabelMode",
    "LabelOptions",
    "LineCounts",
    "ReadOptions",
    "Rows",
    "Table",
    "TableStream",
    "TrainingData",
    "check_rows",
    "choose_columns",
    "folds",
    "hold_out",
    "join_rows",
    "keep_labels",
    "load_training_data",
    "open_table",
    "read_column",
    "read_file",
    "read_rows",
    "read_table",
    "sample_path",
    "sample_test_path",
    "text_columns",
]
