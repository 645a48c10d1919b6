"""A run from a file of texts with labels to a published model: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.config import DataConfig
from ganclf.config.devices import checkpoint_base, is_chief
from ganclf.data.text_parts import Part, TextData
from ganclf.encoders.tokens import Tokenizer
from ganclf.export.checkpoints import Checkpoint, training_checkpoint, work_of
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run
from ganclf.text_to_text.style import report as reports
from ganclf.text_to_text.style.config import StyleConfig, StyleRunConfig
from ganclf.text_to_text.style.edits import Editor
from ganclf.text_to_text.style.evaluation import Evaluation, Gathered, Variant, best_variant
from ganclf.text_to_text.style.judge import Figures, Judge, figures_of
from ganclf.text_to_text.style.prepared import Prepared, load_styles, prepare, take
from ganclf.text_to_text.style.training import Players, Training

EXAMPLES = 8


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run trained, and every way to use it.

    Attributes:
        labels: names of the styles.
        players: trained.
        judge: of another kind, from texts of its own.
        evaluation: compares ways to rewrite.
        variants: all of them, with their figures on held-out texts.
        tokenizer: fitted.
    """

    labels: tuple[str, ...]
    players: Players
    judge: Judge
    evaluation: Evaluation
    variants: list[Variant]
    tokenizer: Tokenizer


def run(data: DataConfig, config: StyleConfig, output: StyleRunConfig) -> Path | None:
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
    replicas = start_run(output.output, batch_size=config.batch_size)
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        prepared = prepare(load_styles(data, config), config)
        progress.add_rounds(_rounds(config))
        work = work_of(
            asdict(config), replicas, texts=[prepared.learned.texts,
            prepared.learned.labels, prepared.texts.held_out.texts],
        )  # fmt: skip
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            trained = train(prepared, config, output, checkpoint)
            if trained is None:
                return None
            best = best_variant(trained.variants, output.publish)
            served = trained.evaluation.served_by(best.choice, best.generator, best.discriminator)
            report = build_report(prepared.texts, trained, best, config, output)
            progress.begin("publish")
            folder = publish_with_report(
                served, asdict(config), contract.STYLE_PROBABILITY, report, output.output,
                start - checkpoint.seconds, reports.card, reports.html,
            )  # fmt: skip
    example = report["examples"][0]
    question = ("--text", example["text"], "--target", example["target"])
    show([reports.methods_table(report)], reports.sentences(report), report, folder, output.output, question)
    return folder


def train(
    prepared: Prepared, config: StyleConfig, output: StyleRunConfig, checkpoint: Checkpoint
) -> Trained | None:  # fmt: skip
    """Train the players and compare the ways to use them; None on machines other than the chief."""
    texts, judged, tokenizer = prepared.texts, prepared.judged, prepared.tokenizer
    corpus, held_out = prepared.corpus, prepared.held_out
    editor = Editor.fit(
        corpus.tokens, corpus.styles, len(texts.labels), tokenizer, max_ngrams=config.max_ngrams, seed=config.seed
    )
    training = Training(config, tokenizer.size, len(texts.labels), corpus, held_out, checkpoint)
    players = training.run(editor)
    if not is_chief():
        return None
    judge = Judge(judged.texts, texts.classes(judged), tokenizer, config.max_tokens, config.seed)
    evaluation = Evaluation(players, tokenizer, texts.labels, judge, training.max_tokens, config)
    part, targets = _chosen(texts.held_out, texts, output.test_texts, config.seed)
    return Trained(texts.labels, players, judge, evaluation, evaluation.variants(part.texts, targets), tokenizer)


def build_report(
    texts: TextData, trained: Trained, best: Variant, config: StyleConfig, output: StyleRunConfig
) -> dict[str, Any]:
    """Collect data, configuration and figures of a run; `resources` are missing."""
    part, targets = _chosen(texts.test, texts, output.test_texts, config.seed + 1)
    rows, examples = _compare(texts, part, targets, trained, best)
    judge = trained.judge
    report = report_head("style", config, output) | {
        "data": {
            "train": len(texts.train),
            "held_out": len(texts.held_out),
            "test": len(texts.test),
            "labels": list(texts.labels),
            "test_is_file": texts.test_is_file,
            "files": texts.sources,
            "columns": {"text": texts.columns[0], "label": texts.columns[1]},
            "reading": list(texts.reading),
        },
        "judge_accuracy": judge.accuracy(part.texts, texts.classes(part)),
        "published": best.name,
        "asked_for": output.publish,
        "choice": asdict(best.choice),
        "held_out": [{"method": each.name, **asdict(each.held_out)} for each in trained.variants],
        "methods": rows,
        "examples": examples,
        "notes": trained.players.notes,
        "history": {name: asdict(history) for name, history in trained.players.histories.items()},
    }
    return report | {"verdict": reports.verdict(report)}


def _chosen(part: Part, texts: TextData, most: int, seed: int) -> tuple[Part, np.ndarray]:
    """Some texts, and for each the number of another style, in turn."""
    idx = np.random.default_rng(seed).permutation(len(part))[:most]
    chosen = take(part, np.sort(idx))
    styles, count = texts.classes(chosen), len(texts.labels)
    return chosen, ((styles + 1 + np.arange(len(styles)) % (count - 1)) % count).astype(np.int32)


def _compare(
    texts: TextData, part: Part, targets: np.ndarray, trained: Trained, best: Variant
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Figures of all ways to rewrite the test texts, beside those of simple methods; and a few examples."""
    gathered: dict[int, Gathered] = {}
    outputs: dict[str, list[str]] = {}
    rows = []
    for variant in trained.variants:
        key = id(variant.discriminator)
        if key not in gathered:
            generator = next((each.generator for each in trained.variants
                              if each.discriminator is variant.discriminator and each.generator), None)  # fmt: skip
            gathered[key] = trained.evaluation.gather(
                generator, variant.discriminator, part.texts, targets, "test texts"
            )  # fmt: skip
        found = gathered[key]
        chosen = trained.evaluation.choose(variant, found)
        outputs[variant.name] = found.outputs[np.arange(len(chosen)), chosen].tolist()
        rows.append(_row(variant.name, found.figures(chosen), len(part)))
    random = np.random.default_rng(0)
    pools = [[text for text, label in zip(texts.train.texts, texts.train.labels, strict=True) if label == name]
             for name in texts.labels]  # fmt: skip
    simple = {
        "copy of the text": part.texts,
        "random text of the style": [pools[target][random.integers(len(pools[target]))] for target in targets],
    }
    for name, given in simple.items():
        style, fluent = trained.judge.has_style(given, targets), trained.judge.is_fluent(given)
        rows.append(_row(name, figures_of(given, part.texts, style, fluent), len(part)))
    shown = np.linspace(0, len(part) - 1, min(EXAMPLES, len(part))).astype(int)
    names = dict.fromkeys([best.name, *outputs])
    examples = [
        {"text": part.texts[row], "target": texts.labels[targets[row]], **{name: outputs[name][row] for name in names}}
        for row in shown
    ]
    return rows, examples


def _row(name: str, figures: Figures, count: int) -> dict[str, Any]:
    return {"method": name, "texts": count, **asdict(figures)}


def _rounds(config: StyleConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("edits"), Round("discriminator", {"edits": 1.0})]
    if config.epochs:
        rounds.append(Round("generator", {"edits": 4.0}))
        rounds += [Round(f"round {number + 1}", {"generator": 0.4}) for number in range(config.rounds)]
    return [*rounds, Round("evaluate", {"edits": 1.0}), Round("publish", {"edits": 0.2})]
