"""Measures the cells that are missing, one data set after the other."""

from __future__ import annotations

import gc
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks import provenance
from benchmarks.active_learning import sample_further_labels
from benchmarks.data_set import Columns, DataSet
from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import TEST, EvaluationSplit, check_labels, choose_part, fingerprint, make_split
from benchmarks.hubs import load_from_hub
from benchmarks.methods import SECONDS, Trial, predict_with
from benchmarks.outputs import with_suffix, write_outputs
from benchmarks.plan import BenchmarkConfig, PlannedCell, plan
from benchmarks.sets import load_local, local_names
from benchmarks.store import KEY, Cell, Store, opened
from ganclf.cli.progress import console
from ganclf.config.devices import require_tensorflow_backend
from ganclf.errors import INTERRUPTED, ConfigError
from ganclf.evaluation.metrics import score
from ganclf.evaluation.report import versions


@dataclass(frozen=True)
class Part:
    """The cells of one data set, each with its hash."""

    data: DataSet
    part: str
    cells: Sequence[tuple[str, PlannedCell]]

    def missing(self, store: Store) -> list[tuple[str, PlannedCell]]:
        """The cells that the store does not have."""
        return [(key, planned) for key, planned in self.cells if key not in store.cells]


@dataclass
class RemainingTime:
    """Estimates how long the missing cells take, from the median of each method so far: a pause does not count."""

    missing: list[PlannedCell]
    seconds: dict[str, list[float]] = field(default_factory=dict)
    done: int = 0

    def report(self, data: str, planned: PlannedCell, cell: Cell) -> None:
        """Print a line on a cell."""
        self.done += 1
        self.seconds.setdefault(planned.method, []).append(cell["seconds"])
        name = f"{planned.method} {planned.variant.name}".strip()
        console.print(
            f"{self.done}/{len(self.missing)} {data}, {planned.labels} labels per class, seed {planned.seed}, {name}: "
            f"{100 * cell['accuracy']:.1f} % in {cell['seconds']:.0f} s; about {self.estimate() / 60:.0f} min left",
            markup=False, highlight=False,
        )  # fmt: skip

    def estimate(self) -> float:
        """Seconds for the cells that are left, without encoding."""
        average = np.mean([np.median(values) for values in self.seconds.values()])
        rest = self.missing[self.done :]
        return float(sum(np.median(self.seconds.get(cell.method, [average])) for cell in rest))


def run_benchmark(config: BenchmarkConfig) -> int:
    """Measure what is missing and write the outputs; returns the exit code."""
    parts = prepare(config)
    with opened(with_suffix(config.output, ".jsonl")) as store:
        code = _measure_until_stopped(config, parts, store)
        planned = sum(len(part.cells) for part in parts)
        files = write_outputs(config.output, config.command, measured(parts, store), planned)
    console.print("Written: " + ", ".join(map(str, [store.path, *files])), markup=False, highlight=False)
    return code


def _measure_until_stopped(config: BenchmarkConfig, parts: Sequence[Part], store: Store) -> int:
    try:
        measure(config, parts, store)
    except KeyboardInterrupt:
        console.print("\nStopped. What was measured is kept; the same command goes on from there.")
        return INTERRUPTED
    return 0


def load_data_set(name: str, columns: Columns) -> DataSet:
    """Find a data set by name, folder or file, else in a hub; its test part stays closed.

    Raises:
        DataError: it is nowhere, or can't be read.
    """
    return load_local(name, columns) or load_from_hub(name, columns, local_names())


def prepare(config: BenchmarkConfig) -> list[Part]:
    """Read the data sets and plan their cells; test parts stay closed."""
    cells = plan(config)  # first: raises ConfigError if a variant is out of range
    parts = [_prepare(config, name, cells) for name in config.data]
    names = [part.data.name for part in parts]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"--data: two data sets are called {sorted(twice)[0]!r}. Rename a file, or run them apart.")
    return parts


def _prepare(config: BenchmarkConfig, name: str, cells: Sequence[PlannedCell]) -> Part:
    data = config.corruptions.apply(load_data_set(name, config.columns), config.columns)
    part = choose_part(data, config.final)
    check_labels(data, part, list(config.labels))
    digest = fingerprint(data, part, config.max_unlabeled)
    return Part(data, part, [(planned.key(f"{data.name} {digest}"), planned) for planned in cells])


def measure(config: BenchmarkConfig, parts: Sequence[Part], store: Store) -> None:
    """Run every cell that the store does not have."""
    require_tensorflow_backend()
    missing = [planned for part in parts for _, planned in part.missing(store)]
    there = sum(len(part.cells) for part in parts) - len(missing)
    console.print(f"{len(missing)} cells to measure, {there} are there already ({store.path})", highlight=False)
    remaining = RemainingTime(missing)
    for part in parts:
        _measure_part(config, part, store, remaining)


def _measure_part(config: BenchmarkConfig, part: Part, store: Store, remaining: RemainingTime) -> None:
    if not (missing := part.missing(store)):
        return
    if part.part == TEST:
        provenance.log_test_use(config.output.parent, config.command, part.data.name)
    split = make_split(part.data, part.part, config.max_unlabeled, config.corruptions)
    encoded: Encoded | None = None
    shared: Hashable = None
    for key, planned in missing:
        if encoded is None or shared != planned.shares_features_with:
            encoded, shared = None, planned.shares_features_with  # one at a time: bounds memory
            encoded = _encode(split, planned)
        cell = measure_cell(encoded, planned)
        store.append({KEY: key} | cell)
        remaining.report(part.data.name, planned, cell)


def _encode(split: EvaluationSplit, planned: PlannedCell) -> Encoded:
    if not planned.encoder.learns_from_labels:
        return Encoded(split, planned.encoder)
    return Encoded(split, planned.encoder, split.sample(planned.labels, planned.seed), planned.seed)


def measure_cell(encoded: Encoded, planned: PlannedCell) -> Cell:
    """Sample the labels, train the method, score its predictions."""
    if planned.further_labels:
        sample = sample_further_labels(encoded, planned)
    else:
        sample = encoded.split.sample(planned.labels, planned.seed)
    start = time.perf_counter()
    predicted, settings = predict_with(planned.method, Trial(encoded, sample, planned.game))
    seconds = settings.pop(SECONDS, time.perf_counter() - start)
    figures = score(sample.test_labels, predicted.tolist(), sorted({*sample.test_labels, *predicted.tolist()}))
    _forget_graphs()
    return {
        "data": encoded.split.name,
        "part": encoded.split.part,
        "labels": planned.labels,
        "method": planned.method,
        "variant": planned.variant.name,
        "further_labels": planned.further_labels,
        "seed": planned.seed,
        "encoder": planned.encoder_name,
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "seconds": round(seconds, 2),
        "encoding_seconds": round(encoded.seconds, 2),
        "n_labeled": sum(label is not None for label in sample.train_labels),
        "n_unlabeled": sum(label is None for label in sample.train_labels),
        "n_test": len(sample.test_labels),
        "settings": settings,
        "when": provenance.now(),
        "commit": provenance.commit(),
        "versions": versions(),
    }


def _forget_graphs() -> None:
    """Let Keras drop what a game left behind: memory would grow from cell to cell."""
    import keras

    keras.backend.clear_session(free_memory=False)
    gc.collect()


def measured(parts: Sequence[Part], store: Store) -> list[Cell]:
    """The cells of this command that are there, under the names that this command gives them."""
    there = [(store.cells[key], planned) for part in parts for key, planned in part.cells if key in store.cells]
    return [cell | {"method": planned.method, "variant": planned.variant.name} for cell, planned in there]
