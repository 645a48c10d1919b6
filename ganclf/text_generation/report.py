"""What a run found: as the dictionary of report.json, as tables and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.html_report import images, list_of, page, paragraph, table_of
from ganclf.evaluation.report import Table, bullets, escape_markdown, settings_sentence
from ganclf.text_generation.candidates import Candidate, Players
from ganclf.text_generation.judge import FEATURES

DEFINITION = (
    "Perplexity is per word: exp of the mean negative log probability of words, punctuation marks and ends of texts, "
    "with single characters in scripts without spaces. A word that the vocabulary lacks counts as one token, the mark "
    "that it is spelled, so that figures compare with models that have an unknown word. Bits per character count the "
    "spelling too, and compare across vocabularies."
)
LIMITS = (
    "It writes texts like those that it learned from, with their mistakes and their bias; what it writes is not true.",
    "It can repeat training texts or parts of them; the report counts exact copies. Check texts before you publish.",
    "Mark its texts as generated; the files that `ganclf generate` writes do so.",
)
SHORT_COLUMNS = ("bleu_4", "self_bleu_4", "distinct_4", "copies", "new_4_grams", "detected")
SHOWN_SAMPLES = 10  # texts in the report


def verdict(players: Players) -> str:
    """What is published, and what the game and the discriminator are worth."""
    best, first = players.best, players.candidates[0]
    published = (
        f"Published: {best.name}, with n-grams at {100 * best.ngram_weight:.0f} %"
        f"{' and with the discriminator' if best.energy.is_used else ''}: a perplexity of "
        f"{best.with_discriminator:.1f} on held-out texts."
    )
    rounds = _game_sentence(best, first) if len(players.candidates) > 1 else ""
    return " ".join(filter(None, (published, rounds, _discriminator_sentence(best))))


def perplexity_table(report: Mapping[str, Any]) -> Table:
    """Perplexities of all models; lower is better."""
    rows = []
    for row in report["perplexities"]:
        bits = row["bits_per_character"]
        interval = row["interval"]
        change = "" if interval is None else f"{100 * (interval[0] - 1):+.1f} to {100 * (interval[1] - 1):+.1f} %"
        rows.append((row["model"], f"{row['held_out']:.2f}", f"{row['test']:.2f}", change,
                     "" if bits is None else f"{bits:.3f}"))  # fmt: skip
    header = ("model", "held-out texts", "test texts", "by the discriminator (95 %)", "bits per character")
    return Table("Perplexity; lower is better", header, rows)


def samples_table(report: Mapping[str, Any], short: bool = False) -> Table | None:
    """The comparison of samples with real texts; `short` fits a terminal. None where it was left out."""
    rows = report.get("samples_compared") or []
    if not rows:
        return None
    names = SHORT_COLUMNS if short else [name for name in rows[0] if name != "texts"]
    header = ("texts", *(name.replace("_", " ") for name in names))
    cells = [(row["texts"], *("" if row[name] is None else f"{row[name]:.3f}" for name in names)) for row in rows]
    return Table(report["samples_sentence"], header, cells)


def nearest_table(report: Mapping[str, Any]) -> Table | None:
    """Samples beside the training text that is most like them; None where they were not compared."""
    rows = [(row["sample"], row["training_text"], f"{row['similarity']:.2f}") for row in report.get("nearest", ())]
    title = "Samples and the training texts that are nearest: 1.00 is a copy"
    return Table(title, ("sample", "nearest training text", "similarity"), rows) if rows else None


def labels_table(report: Mapping[str, Any]) -> Table | None:
    """How many training texts have each label; None where texts have none."""
    labels = report["data"]["labels"]
    return (
        Table("Training texts", ("label", "texts"), [(name, str(count)) for name, count in labels.items()])
        if (labels)
        else None
    )


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [each for each in (report["verdict"], report["test_differs"], *report["notes"]) if each]


def data_sentence(report: Mapping[str, Any]) -> str:
    """Files, columns and numbers of texts."""
    data = report["data"]
    files = ", ".join(f"{source} (--{option})" for option, source in data["files"].items())
    label = f", {data['columns']['label']!r} the label" if data["columns"]["label"] else ""
    return (
        f"{data['train']:,} texts to learn from, {data['held_out']:,} held out to choose, {data['test']:,} to test. "
        f"Columns: {data['columns']['text']!r} is the text{label}. Files: {files}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    tables = [table for table in (perplexity_table(report), samples_table(report)) if table]
    texts = "".join(f"<li>{escape(text)}</li>" for text in report["examples"])
    plots = {
        contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player",
        contract.SAMPLES_PLOT_FILE: "Quality against variety: BLEU-4 and self-BLEU-4 at several temperatures",
    }
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Text generator, {report["created"]}, ganclf {report["versions"]["ganclf"]}</p>',
        *map(paragraph, sentences(report)),
        *map(table_of, tables),
        paragraph(DEFINITION),
        *images(folder, plots),
        "<h2>Generated texts</h2>",
        f"<ul>{texts}</ul>",
        *([table_of(near)] if (near := nearest_table(report)) else []),
        "<h2>Training data</h2>",
        paragraph(data_sentence(report)),
        *([table_of(labels)] if (labels := labels_table(report)) else []),
        "<h2>Limits</h2>",
        list_of(LIMITS),
    ]
    return page(name, body)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown (Mitchell et al. 2019)."""
    compared, labels = samples_table(report), labels_table(report)
    parts = [
        f"# Model card: {escape_markdown(name)}",
        f"A generator of texts made by ganclf {report['versions']['ganclf']} on {report['created']}.\n"
        "Input: the beginning of a text, a label, a seed, a temperature and a number of candidates.\n"
        "Output: a text, its log probability and its realness.",
        "## Training data",
        escape_markdown(data_sentence(report)),
        labels.as_markdown() if labels else "",
        "## How good it is",
        perplexity_table(report).as_markdown(),
        DEFINITION,
        f"{compared.title}\n\n{compared.as_markdown()}" if compared else "",
        *map(escape_markdown, sentences(report)),
        "## Settings",
        settings_sentence(report),
        "## Limits",
        bullets(LIMITS),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def candidates_json(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Figures of each generator, without its weights."""
    return [
        {
            "name": each.name,
            "held_out_generator_alone": each.generator_alone,
            "held_out": each.held_out,
            "held_out_with_discriminator": each.with_discriminator,
            "ngram_weight": each.ngram_weight,
            "weights": dict(zip(FEATURES, each.energy.weights, strict=True)),
            "gain_of_score_alone": each.score_energy.gain if each.score_energy.is_used else 0.0,
            "log_z": each.energy.log_z.tolist(),
            "log_z_standard_error": each.energy.log_z_error,
            "effective_samples": each.energy.effective_samples,
            "gain_per_text": each.energy.gain,
            "gain_interval": list(each.energy.interval),
        }
        for each in candidates
    ]


def _game_sentence(best: Candidate, first: Candidate) -> str:
    if best is first:
        return "The rounds of the game add nothing to these texts, so they were left out."
    change = 100.0 * (1.0 - best.with_discriminator / first.with_discriminator)
    return f"The rounds lowered it by {change:.1f} %."


def _discriminator_sentence(best: Candidate) -> str:
    if best.judge is None:
        return ""
    if not best.energy.is_used:
        return "The discriminator does not surely lower it, so it has no say: more candidates do not help."
    change = 100.0 * (1.0 - best.with_discriminator / best.held_out)
    score, reading, _, pairs, form, label = best.energy.weights
    parts = [f"of {score:g} of its score"]
    if reading:
        parts.append(f"of {reading:g} of what a model says that reads backwards")
    if pairs:
        parts.append(f"of {pairs:g} of the score of pairs of words")
    if form:
        parts.append(f"of {form:g} of how usual its form is")
    if label:
        parts.append(f"of {label:g} of how well a text fits its label")
    return f"The discriminator lowers it by {change:.1f} %, with a weight {' and '.join(parts)}."
