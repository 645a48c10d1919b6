"""A run from a file of texts with labels to a published model: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.output import check_folder
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.config import DataConfig
from ganclf.config.devices import (
    check_batch,
    checkpoint_base,
    choose_strategy,
    is_chief,
    require_tensorflow_backend,
)
from ganclf.data.text_parts import Part, TextData, load_texts
from ganclf.encoders.tokens import Tokenizer
from ganclf.errors import DataError
from ganclf.evaluation.report import versions
from ganclf.export.checkpoints import Checkpoint, training_checkpoint, work_of
from ganclf.text_to_text.publishing import publish_with_report, show
from ganclf.text_to_text.style import report as reports
from ganclf.text_to_text.style.config import StyleConfig, StyleRunConfig
from ganclf.text_to_text.style.edits import Editor
from ganclf.text_to_text.style.evaluation import Evaluation, Gathered, Variant, best_variant
from ganclf.text_to_text.style.judge import Figures, Judge, figures_of
from ganclf.text_to_text.style.served import ask
from ganclf.text_to_text.style.training import Corpus, Players, Training

JUDGE_SHARE, MAX_JUDGE = 0.15, 20_000  # of the training texts, from which the judge learns and nothing else
MIN_STYLES, MIN_TEXTS_PER_STYLE = 2, 50
EXAMPLES = 8


@dataclass(frozen=True, eq=False)
class Prepared:
    """The texts of a run, encoded.

    Attributes:
        texts: that were read.
        learned: of the training texts those that the players learn from.
        judged: those that the judge learns from.
        tokenizer: fitted on the first.
        corpus: the first as ids.
        held_out: texts that end the trainings, as ids.
    """

    texts: TextData
    learned: Part
    judged: Part
    tokenizer: Tokenizer
    corpus: Corpus
    held_out: Corpus


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
    if is_chief():
        check_folder(output.output)
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        prepared = prepare(load_styles(data, config), config)
        progress.add_rounds(_rounds(config))
        work = work_of(
            asdict(config), choose_strategy().num_replicas_in_sync, texts=[prepared.learned.texts,
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
                served, asdict(config), ask, contract.STYLE_PROBABILITY, report, output.output,
                start - checkpoint.seconds, reports.card, reports.html,
            )  # fmt: skip
    example = report["examples"][0]
    question = ("--text", example["text"], "--target", example["target"])
    show([reports.methods_table(report)], reports.sentences(report), report, folder, output.output, question)
    return folder


def load_styles(data: DataConfig, config: StyleConfig) -> TextData:
    """Read texts with their labels, and check that there are two styles or more.

    Raises:
        DataError: a file can't be read, or nothing can be learned from it.
    """
    if not data.data:
        raise DataError("--data: give a file with a column of texts and a column of labels; there is no sample.")
    texts = load_texts(data, config.seed, print_note, labels_required=True)
    if len(texts.labels) < MIN_STYLES:
        raise DataError(
            f"{texts.sources['data']}: column {texts.columns[1]!r} has one label, {', '.join(texts.labels)}; a text is "
            f"rewritten from one style into another. Give texts of {MIN_STYLES} labels or more."
        )
    counts = np.bincount(texts.classes(texts.train), minlength=len(texts.labels))
    if counts.min() < MIN_TEXTS_PER_STYLE:
        rare = texts.labels[int(counts.argmin())]
        raise DataError(
            f"{texts.sources['data']}: {counts.min()} texts to learn from with the label {rare!r}; a style needs "
            f"{MIN_TEXTS_PER_STYLE}, and some thousands are better. Give more texts of it, or leave the label out."
        )
    return texts


def prepare(texts: TextData, config: StyleConfig) -> Prepared:
    """Share the training texts out, and encode them."""
    learned, judged = _parts(texts.train, config)
    tokenizer = Tokenizer.fit(learned.texts, config.max_words)
    corpus = _corpus(learned, texts, tokenizer, config)
    held_out = _corpus(texts.held_out, texts, tokenizer, config)
    print_note(_sentence(texts, corpus, judged, tokenizer, config))
    return Prepared(texts, learned, judged, tokenizer, corpus, held_out)


def train(
    prepared: Prepared, config: StyleConfig, output: StyleRunConfig, checkpoint: Checkpoint
) -> Trained | None:  # fmt: skip
    """Train the players and compare the ways to use them; None on machines other than the chief."""
    require_tensorflow_backend()
    check_batch("--batch-size", config.batch_size, choose_strategy().num_replicas_in_sync)
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
    report = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": "style",
        "versions": versions(),
        "seed": config.seed,
        "configuration": asdict(config) | {name: value for name, value in asdict(output).items() if name != "restart"},
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


def _parts(train: Part, config: StyleConfig) -> tuple[Part, Part]:
    """Texts that the players learn from, and those of the judge."""
    order = np.random.default_rng(config.seed).permutation(len(train))
    count = min(int(JUDGE_SHARE * len(train)), MAX_JUDGE)
    judged, learned = order[:count], order[count:]
    if len(learned) > config.max_texts:
        print_note(f"{config.max_texts:,} of {len(learned):,} texts are learned from; more with --max-texts")
    return _take(train, learned[: config.max_texts]), _take(train, judged)


def _take(part: Part, idx: np.ndarray) -> Part:
    return Part([part.texts[index] for index in idx], [part.labels[index] for index in idx])


def _corpus(part: Part, texts: TextData, tokenizer: Tokenizer, config: StyleConfig) -> Corpus:
    return Corpus(tokenizer.encode_all(part.texts, config.max_tokens), texts.classes(part))


def _chosen(part: Part, texts: TextData, most: int, seed: int) -> tuple[Part, np.ndarray]:
    """Some texts, and for each the number of another style, in turn."""
    idx = np.random.default_rng(seed).permutation(len(part))[:most]
    chosen = _take(part, np.sort(idx))
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


def _sentence(texts: TextData, corpus: Corpus, judged: Part, tokenizer: Tokenizer, config: StyleConfig) -> str:
    lengths = np.array([len(row) for row in corpus.tokens])
    cut = int((lengths == config.max_tokens).sum())
    more = f" {cut} texts of more than {config.max_tokens} tokens are cut: --max-tokens." if cut else ""
    return (
        f"{len(corpus):,} texts to learn from, {len(judged):,} for the judge, {len(texts.held_out):,} held out, "
        f"{len(texts.test):,} to test; styles: {', '.join(texts.labels)}; {lengths.mean():.1f} tokens per text; "
        f"{len(tokenizer.words):,} words, others are spelled.{more}"
    )
