"""A run from a file of texts to a published generator: load → check → train → evaluate → publish."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console

from ganclf import contract
from ganclf.cli.command_line import command_line
from ganclf.cli.options import plain_value
from ganclf.cli.output import check_folder
from ganclf.cli.progress import Round, run_progress
from ganclf.cli.progress import console as notes
from ganclf.config import DataConfig
from ganclf.config.devices import check_batch, choose_strategy, is_chief, peak_memory_bytes, require_tensorflow_backend
from ganclf.encoders.tokens import Tokenizer, normalize
from ganclf.evaluation.plots import plot_learning_curves
from ganclf.evaluation.report import versions
from ganclf.export.publish import Publication, publish
from ganclf.export.warmup import Request
from ganclf.text_generation import report as reports
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.config import TextGameConfig, TextRunConfig
from ganclf.text_generation.decoding import Decoder
from ganclf.text_generation.kneser_ney import KneserNey, KneserNeyLookup
from ganclf.text_generation.perplexities import (
    Texts,
    candidate_rows,
    choose_order,
    difference_of_test_file,
    fit_ngrams,
    ngram_rows,
)
from ganclf.text_generation.players import Players, Training
from ganclf.text_generation.served import ServedGenerator
from ganclf.text_generation.texts import Part, TextData, load_texts

ROOM = 1.25  # tokens that a text may have, beside the longest training text


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
        texts = load_texts(data, game.seed, _note)
        prepared = Prepared(texts, game)
        _note(prepared.sentence())
        progress.add_rounds(_rounds(game))
        players = prepared.training().run()
        progress.begin("evaluate")
        report = build_report(prepared, players, output)
        progress.begin("publish")
        if not is_chief():
            return None
        folder = publish_generator(prepared, players, report, output.output, start)
    _show(report, folder, output.output)
    return folder


class Prepared:
    """The texts of a run as ids, with their n-grams.

    Args:
        texts: that were read.
        config: of the run.
    """

    def __init__(self, texts: TextData, config: TextGameConfig) -> None:
        self.texts, self.config = texts, config
        self.tokenizer = Tokenizer.fit(texts.train.texts, config.max_words)
        self.train = self._corpus(texts.train, config.max_tokens)
        longest = int(ROOM * self.train.lengths.max()) + 1
        self.max_tokens = min(config.max_tokens, longest)
        self.held_out, self.test = (self._texts(part) for part in (texts.held_out, texts.test))
        self.ngrams: KneserNey = (
            fit_ngrams(self.train, self.tokenizer.size, config.ngram_order)
            if config.ngram_order
            else choose_order(self.train, self.held_out.corpus, self.tokenizer.size)
        )
        self.lookup = KneserNeyLookup(self.ngrams)

    def training(self) -> Training:
        """What trains the players."""
        return Training(
            self.config, self.train, self.held_out.corpus, self.ngrams, self.lookup, self.tokenizer.size,
            self.texts.priors(), self.max_tokens,
        )  # fmt: skip

    def decode(self, corpus: Corpus) -> list[str]:
        """The texts of ids."""
        from ganclf.text_generation.batches import padded

        return [text.decode() for text in self.tokenizer.decode(tf.constant(padded(corpus.tokens))).numpy()]

    def sentence(self) -> str:
        """What was found."""
        cut = int((self.train.lengths == self.config.max_tokens).sum())
        words = len(self.tokenizer.words)
        more = f" {cut} texts have more than {self.config.max_tokens} tokens and are cut: --max-tokens." if cut else ""
        return (
            f"{len(self.texts.train):,} texts to learn from, {len(self.texts.held_out):,} held out, "
            f"{len(self.texts.test):,} to test; {self.train.lengths.mean():.1f} tokens per text; {words:,} words, "
            f"others are spelled.{more}"
        )

    def _corpus(self, part: Part, max_tokens: int) -> Corpus:
        return Corpus.of(self.tokenizer.encode_all(part.texts, max_tokens), self.texts.classes(part))

    def _texts(self, part: Part) -> Texts:
        plain = normalize(tf.constant(part.texts)).numpy()
        return Texts(self._corpus(part, self.config.max_tokens), sum(len(text.decode()) + 1 for text in plain))


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
        "configuration": asdict(config) | {"evaluate": output.evaluate, "output": str(output.output)},
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
        "notes": players.notes,
        "history": {name: asdict(history) for name, history in players.histories.items()},
    }


def publish_generator(
    prepared: Prepared, players: Players, report: dict[str, Any], base: Path, start: float
) -> Path:  # fmt: skip
    """Publish the best generator; its report, plots and card go with it."""
    best, texts = players.best, prepared.texts
    decoder = Decoder(best.generator, prepared.lookup, best.ngram_weight, prepared.max_tokens)
    served = ServedGenerator(
        prepared.tokenizer, decoder, best.discriminator, best.energy.strength, best.energy.log_z, texts.labels,
        texts.priors(),
    )  # fmt: skip

    def expected(request: Request) -> Mapping[str, np.ndarray]:
        answers = served.generate(**{name: tf.constant(values) for name, values in request.items()})
        return {name: answers[name].numpy() for name in (contract.LOG_PROBABILITY, contract.REALNESS)}

    report["examples"] = _examples(served, texts)
    parameters = asdict(prepared.config)
    return publish(
        Publication(served, parameters, expected), base, lambda extra: _write_extras(extra, report, base.name, start)
    )


def _examples(served: ServedGenerator, texts: TextData) -> list[str]:
    """A few texts of the published model, of all labels in turn."""
    count = reports.SHOWN_SAMPLES
    labels = [texts.labels[index % len(texts.labels)] if texts.labels else "" for index in range(count)]
    request = served.request([""] * count, labels, range(count), [1.0] * count, [1] * count)
    answers = served.generate(**{name: tf.constant(values) for name, values in request.items()})
    return [text.decode() for text in answers[contract.TEXT].numpy()]


def _rounds(game: TextGameConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("likelihood")]
    if game.discriminator_epochs:
        rounds.append(Round("discriminator", {"likelihood": 0.5}))
        rounds += [Round(f"round {number + 1}", {"likelihood": 0.3}) for number in range(game.rounds)]
    return [*rounds, Round("evaluate", {"likelihood": 0.2}), Round("publish", {"likelihood": 0.05})]


def _note(text: str) -> None:
    notes.print(f"note: {text}", markup=False, highlight=False)


def _write_extras(folder: Path, report: dict[str, Any], name: str, start: float) -> None:
    """Put plots, report and model card into the version before it is published."""
    report["resources"] = {
        "seconds": time.perf_counter() - start,
        "peak_memory_bytes": peak_memory_bytes(),
        "model_bytes": sum(file.stat().st_size for file in folder.parent.rglob("*") if file.is_file()),
    }
    curves = {
        f"{training}_{player}": losses
        for training, history in report["history"].items()
        for player, losses in (history["losses"] | {"held_out": history["scores"]}).items()
        if len(losses) > 1
    }
    if curves:
        plot_learning_curves(curves, 1, max(map(len, curves.values())), folder / contract.CURVES_PLOT_FILE)
    text = json.dumps(report, indent=1, ensure_ascii=False, default=plain_value)
    (folder / contract.REPORT_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / contract.MODEL_CARD_FILE).write_text(reports.card(report, name), encoding="utf-8")
    (folder / contract.HTML_REPORT_FILE).write_text(reports.html(report, name, folder), encoding="utf-8")


def _show(report: dict[str, Any], folder: Path, base: Path) -> None:
    out = Console(soft_wrap=True)
    for table in (reports.perplexity_table(report), reports.samples_table(report)):
        if table:
            out.print(table.as_rich())
    resources, assets = report["resources"], folder.resolve() / contract.ASSETS_EXTRA
    lines = [
        *reports.sentences(report),
        f"Published: {folder} ({resources['model_bytes'] / 1e6:.1f} MB, {resources['seconds']:.0f} s, "
        f"{resources['peak_memory_bytes'] / 2**20:.0f} MiB at the peak).",
        f"Report: {assets / contract.HTML_REPORT_FILE}",
        f"Next:\n  {command_line('generate', '--model', base.resolve(), '--count', 10)}\n"
        f"  {command_line('serve', '--model_name', base.name, '--model_base_path', base.resolve())}",
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False)
