"""A run from a file of texts to a published generator: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console

from ganclf import contract
from ganclf.cli.command_line import command_line
from ganclf.cli.output import check_folder
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.cli.progress import progress as progress_part
from ganclf.config import DataConfig
from ganclf.config.devices import (
    check_batch,
    checkpoint_base,
    choose_strategy,
    is_chief,
    peak_memory_bytes,
    require_tensorflow_backend,
)
from ganclf.data.text_parts import load_texts
from ganclf.evaluation.plots import plot_epochs
from ganclf.evaluation.report import versions
from ganclf.export.checkpoints import training_checkpoint
from ganclf.export.publish import Publication, publish
from ganclf.export.report_files import published_sentences, resources_of, write_report
from ganclf.export.warmup import Request
from ganclf.text_generation import report as reports
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.candidates import Players
from ganclf.text_generation.config import TextGameConfig, TextRunConfig
from ganclf.text_generation.decoding import Decoder
from ganclf.text_generation.language_model import Sampler
from ganclf.text_generation.perplexities import (
    candidate_rows,
    difference_of_test_file,
    ngram_rows,
)
from ganclf.text_generation.prepared import Prepared
from ganclf.text_generation.samples import (
    CANDIDATES,
    MAX_KNOWN,
    MAX_REFERENCES,
    NEAREST,
    TEMPERATURES,
    Draw,
    Encode,
    compare,
    feature_encoder,
    frechet_texts,
    nearest,
    plot_quality,
    temperature_row,
)
from ganclf.text_generation.served import ServedGenerator

WRITE_BATCH = 64  # texts that the served model writes at once in an evaluation


def run(data: DataConfig, game: TextGameConfig, output: TextRunConfig) -> Path | None:
    """Train, evaluate and publish.

    Args:
        data: files and columns.
        game: how the players are trained.
        output: what is evaluated and where the model is published.

    Returns:
        The folder of the new version, None on machines of a cluster other than the chief.

    Raises:
        GanclfError: with a sentence for the user; nothing was published then.
    """
    start = time.perf_counter()
    require_tensorflow_backend()
    check_batch("--batch-size", game.batch_size, choose_strategy().num_replicas_in_sync)
    if is_chief():
        check_folder(output.output)
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        texts = load_texts(data, game.seed, print_note)
        encode = None
        if output.evaluate == "all":  # before the training: a preset may be missing
            encode = feature_encoder(texts.train.texts, output.report_encoder, game.seed)
        prepared = Prepared(texts, game)
        print_note(prepared.sentence())
        progress.add_rounds(_rounds(game, bool(texts.labels)))
        with training_checkpoint(checkpoint_base(output.output), prepared.work(), restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            players = prepared.training(checkpoint).run()
            progress.begin("evaluate")
            report = build_report(prepared, players, output)
            if encode:
                report |= compare_samples(prepared, players, output, encode)
            progress.begin("publish")
            if not is_chief():
                return None
            folder = publish_generator(prepared, players, report, output.output, start - checkpoint.seconds)
    _show(report, folder, output.output)
    return folder


def build_report(prepared: Prepared, players: Players, output: TextRunConfig) -> dict[str, Any]:
    """Collect data, configuration and figures of a run; `resources` are missing."""
    texts, config = prepared.texts, prepared.config
    rows = ngram_rows(prepared.train, prepared.held_out, prepared.test, prepared.tokenizer.size)
    differs = difference_of_test_file(rows) if texts.test_is_file else ""
    for candidate in dict.fromkeys(players.candidates):
        rows += candidate_rows(candidate, prepared.ngrams, prepared.held_out, prepared.test, config.seed)
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": "text-generation",
        "versions": versions(),
        "seed": config.seed,
        "configuration": asdict(config)
        | {"evaluate": output.evaluate, "report_encoder": output.report_encoder, "output": str(output.output)},
        "data": {
            "train": len(texts.train),
            "held_out": len(texts.held_out),
            "test": len(texts.test),
            "words": len(prepared.tokenizer.words),
            "labels": dict(sorted(Counter(texts.train.labels).items())) if texts.labels else {},
            "files": texts.sources,
            "columns": {"text": texts.columns[0], "label": texts.columns[1]},
            "reading": list(texts.reading),
        },
        "definition": reports.DEFINITION,
        "perplexities": [row.to_json() for row in rows],
        "candidates": reports.candidates_json(players.candidates),
        "published": players.best.name,
        "verdict": reports.verdict(players),
        "test_differs": differs,
        "notes": [*players.notes, *filter(None, [prepared.ngrams_sentence()])],
        "history": {name: asdict(history) for name, history in players.histories.items()},
    }


def compare_samples(
    prepared: Prepared, players: Players, output: TextRunConfig, encode: Encode
) -> dict[str, Any]:  # fmt: skip
    """Samples of n-grams and of the published model beside real texts, and the training texts nearest to some."""
    best, texts, seed, count = players.best, prepared.texts, prepared.config.seed, output.samples
    sampler = Sampler(best.generator, prepared.lookup, best.ngram_weight, prepared.max_tokens, texts.priors())

    def at(temperature: float) -> Draw:
        return lambda number: prepared.decode(sampler.sample(number, seed + 4, temperature))

    draws: dict[str, Draw] = {
        f"Kneser-Ney, {prepared.ngrams.order}-grams": lambda number: prepared.decode(
            Corpus.of(prepared.ngrams.sample(number, seed + 5, prepared.max_tokens), np.zeros(number))
        ),
        **{temperature_row(temperature): at(temperature) for temperature in TEMPERATURES},
    }
    if best.energy.is_used:
        served = make_served(prepared, players)
        draws[f"published, 1 of {CANDIDATES} candidates"] = lambda number: write(served, number, [""], CANDIDATES)
    with progress_part("samples", len(draws) + 1) as advance:
        rows = compare(texts.train.texts, texts.test.texts, draws, count, seed, prepared.words, encode, advance)
    searched = ""
    if len(texts.train) > MAX_KNOWN:
        searched = f" Copies and n-grams were looked for in {MAX_KNOWN:,} of the training texts."
    return {
        "samples_compared": rows,
        "samples_sentence": (
            f"{count:,} samples of each model, compared with {min(len(texts.test), MAX_REFERENCES):,} test texts. "
            "A model is as good as real texts where its figures are those of the first row. `detected` is the accuracy "
            "of a fresh classifier in telling samples from real texts: 0.5 is chance. `frechet distance` is of the "
            f"features that {output.report_encoder or 'the n-gram encoder of this project'} finds in "
            f"{frechet_texts(len(texts.test), min(count, len(texts.train))):,} texts of each side; the first row, real "
            f"against real texts, is its floor.{searched}"
        ),
        "nearest": nearest(at(1.0)(NEAREST), texts.train.texts),
    }


def make_served(prepared: Prepared, players: Players) -> ServedGenerator:
    """What is served of the best generator."""
    best, texts = players.best, prepared.texts
    decoder = Decoder(best.generator, prepared.lookup, best.ngram_weight, prepared.max_tokens)
    return ServedGenerator(
        prepared.tokenizer, decoder, best.judge, best.energy, texts.labels,
        texts.priors(),
    )  # fmt: skip


def write(served: ServedGenerator, count: int, labels: Sequence[str], candidates: int = 1) -> list[str]:
    """Texts of a served generator, of these labels in turn; seeds count from 0."""
    found: list[str] = []
    for start in range(0, count, WRITE_BATCH):
        seeds = range(start, min(start + WRITE_BATCH, count))
        rows = len(seeds)
        named = [labels[seed % len(labels)] for seed in seeds]
        request = served.request([""] * rows, named, seeds, [1.0] * rows, [candidates] * rows)
        answers = served.generate(**{name: tf.constant(values) for name, values in request.items()})
        found += [text.decode() for text in answers[contract.TEXT].numpy()]
    return found


def publish_generator(
    prepared: Prepared, players: Players, report: dict[str, Any], base: Path, start: float
) -> Path:  # fmt: skip
    """Publish the best generator; its report, plots and card go with it."""
    served = make_served(prepared, players)

    def expected(request: Request) -> Mapping[str, np.ndarray]:
        answers = served.generate(**{name: tf.constant(values) for name, values in request.items()})
        return {name: answers[name].numpy() for name in (contract.LOG_PROBABILITY, contract.REALNESS)}

    report["examples"] = write(served, reports.SHOWN_SAMPLES, prepared.texts.labels or [""])
    parameters = asdict(prepared.config)
    return publish(
        Publication(served, parameters, expected), base, lambda extra: _write_extras(extra, report, base.name, start)
    )


def _rounds(game: TextGameConfig, labels: bool) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("likelihood")]
    if game.discriminator_epochs != 0:
        if game.backwards:
            rounds.append(Round("backwards", {"likelihood": 0.8}))
        if game.pairs:
            rounds.append(Round("pairs", {"likelihood": 0.1}))
        if labels:
            rounds.append(Round("labels", {"likelihood": 0.2}))
        rounds.append(Round("discriminator", {"likelihood": 0.5}))
        rounds += [Round(f"round {number + 1}", {"likelihood": 0.3}) for number in range(game.rounds)]
    return [*rounds, Round("evaluate", {"likelihood": 0.2}), Round("publish", {"likelihood": 0.05})]


def _write_extras(folder: Path, report: dict[str, Any], name: str, start: float) -> None:
    """Put plots, report and model card into the version before it is published."""
    report["resources"] = resources_of(folder, start, peak_memory_bytes())
    plot_epochs(report["history"], folder / contract.CURVES_PLOT_FILE)
    if report.get("samples_compared"):
        plot_quality(report["samples_compared"], folder / contract.SAMPLES_PLOT_FILE)
    write_report(folder, report, reports.card(report, name), reports.html(report, name, folder))


def _show(report: dict[str, Any], folder: Path, base: Path) -> None:
    out = Console(soft_wrap=True)
    for table in (reports.perplexity_table(report), reports.samples_table(report, short=True)):
        if table:
            out.print(table.as_rich())
    lines = [
        *reports.sentences(report),
        *published_sentences(report, folder),
        f"Next:\n  {command_line('generate', '--model', base.resolve(), '--count', 10)}\n"
        f"  {command_line('serve', '--model_name', base.name, '--model_base_path', base.resolve())}",
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False)
