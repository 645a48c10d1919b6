"""A run from a file of pairs to a published model: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.config import DataConfig
from ganclf.config.devices import checkpoint_base, is_chief
from ganclf.export.checkpoints import training_checkpoint, work_of
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.replies import report as reports
from ganclf.text_to_text.replies.config import GENERATED, PairConfig, PairRunConfig
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.evaluation import NearestTexts, choose_ranker, choose_weight, compare, recalls
from ganclf.text_to_text.replies.neighbors import Neighbors
from ganclf.text_to_text.replies.pairs import PairData, load_pairs
from ganclf.text_to_text.replies.ranking import Ranker
from ganclf.text_to_text.replies.served import Choice, ServedReplies
from ganclf.text_to_text.replies.training import Players, Training


def run(data: DataConfig, config: PairConfig, output: PairRunConfig) -> Path | None:
    """Train, evaluate and publish.

    Args:
        data: files and columns.
        config: how the players are trained.
        output: what is evaluated and where the model is published.

    Returns:
        The folder of the new version, None on machines of a cluster other than the chief.

    Raises:
        GanclfError: with a sentence for the user; nothing was published then.
    """
    start = time.perf_counter()
    replicas = start_run(
        output.output, batch_size=config.batch_size, discriminator_batch_size=config.discriminator_batch_size
    )
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        pairs = load_pairs(data, config.reply_column, config.seed, print_note)
        encoding = PairEncoding.fit(pairs.train, config.max_words, config.max_ngrams, config.max_tokens)
        train, held_out, test = (encoding.columns(part) for part in (pairs.train, pairs.held_out, pairs.test))
        print_note(_sentence(pairs, train, encoding, config))
        progress.add_rounds(_rounds(config))
        work = _work(config, encoding, train, held_out, replicas)
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            players = Training(config, encoding, train, held_out, checkpoint).run()
            if not is_chief():
                return None
            served, ranker, shares = make_served(pairs, players, encoding, held_out, config, output)
            report = build_report(pairs, players, served, ranker, test, shares, config, output)
            progress.begin("publish")
            folder = publish_with_report(
                served, asdict(config), contract.SCORE, report, output.output, start - checkpoint.seconds,
                reports.card, reports.html,
            )  # fmt: skip
    tables = (reports.recall_table(report), reports.methods_table(report))
    show(tables, reports.sentences(report), report, folder, output.output, ("--text", "How are you?"))
    return folder


def make_served(
    pairs: PairData, players: Players, encoding: PairEncoding, held_out: Columns, config: PairConfig,
    output: PairRunConfig,
) -> tuple[ServedReplies, Ranker, dict[float, float]]:  # fmt: skip
    """What is published, and what each weight of the likelihood was worth on held-out pairs."""
    held = pairs.train
    if len(held) > config.max_retrieved:
        chosen = np.random.default_rng(config.seed).permutation(len(held))[: config.max_retrieved]
        print_note(f"{config.max_retrieved:,} of {len(held):,} pairs can be retrieved; more with --max-retrieved")
        held = held.take(np.sort(chosen))
    neighbors = None if config.candidates == GENERATED else Neighbors(players.discriminator, encoding.ngrams, held)
    ranker = choose_ranker(players, neighbors, held_out)
    weight, shares = choose_weight(players.generator, ranker, held_out)
    choice = Choice(output.replies, config.samples, config.beams, weight)
    return ServedReplies(encoding, ranker, players.generator, choice), ranker, shares


def build_report(
    pairs: PairData, players: Players, served: ServedReplies, ranker: Ranker, test: Columns,
    shares: Mapping[float, float], config: PairConfig, output: PairRunConfig,
) -> dict[str, Any]:  # fmt: skip
    """Collect data, configuration and figures of a run; `resources` are missing."""
    nearest = NearestTexts(pairs.train)
    rows, examples = compare(served, pairs, nearest, output.test_pairs, config.seed)
    report = report_head("replies", config, output) | {
        "data": {
            "train": len(pairs.train),
            "held_out": len(pairs.held_out),
            "test": len(pairs.test),
            "test_seen": int(pairs.seen.sum()),
            "test_is_file": pairs.test_is_file,
            "files": pairs.sources,
            "columns": {"text": pairs.columns[0], "reply": pairs.columns[1]},
            "reading": pairs.reading,
        },
        "retrieved": served.retrieved_count > 0,
        "training_replies": served.training_replies,
        "neighbor_weights": list(ranker.weights),
        "likelihood_weight": served.choice.likelihood_weight,
        "likelihood_weights": {str(weight): share for weight, share in shares.items()},
        "recall": recalls(ranker, pairs, test, nearest),
        "methods": rows,
        "examples": examples,
        "held_out": players.figures,
        "notes": players.notes,
        "history": {name: asdict(history) for name, history in players.histories.items()},
    }
    return report | {"verdict": reports.verdict(report)}


def _rounds(config: PairConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("discriminator")]
    if config.candidates != "retrieved":
        rounds.append(Round("generator"))
        rounds += [Round(f"round {number + 1}", {"generator": 0.3}) for number in range(config.rounds)]
        rounds.append(Round("weights"))
    return [*rounds, Round("evaluate"), Round("publish", {"discriminator": 0.2})]


def _work(
    config: PairConfig, encoding: PairEncoding, train: Columns, held_out: Columns, replicas: int
) -> dict[str, Any]:  # fmt: skip
    """From what the players are made."""
    arrays = [array for columns in (train, held_out) for array in columns.arrays()]
    return work_of(
        asdict(config), replicas, training_pairs=[*arrays, encoding.tokenizer.words, encoding.ngrams.hashes]
    )  # fmt: skip


def _sentence(pairs: PairData, train: Columns, encoding: PairEncoding, config: PairConfig) -> str:
    lengths = np.array([len(row) for row in train.ids["reply"]])
    cut = int((lengths == config.max_tokens).sum())
    more = f" {cut} replies of more than {config.max_tokens} tokens are cut: --max-tokens." if cut else ""
    count = int(pairs.seen.sum())
    seen = f", of which {count:,} share a long text with the training pairs" if count else ""
    return (
        f"{len(pairs.train):,} pairs to learn from, {len(pairs.held_out):,} held out, {len(pairs.test):,} to "
        f"test{seen}; {lengths.mean():.1f} tokens per reply; {len(encoding.tokenizer.words):,} words, others are "
        f"spelled.{more}"
    )
