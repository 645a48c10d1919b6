"""Rhyme and form of generated poems: `python -m benchmarks.poems --model saved_models/poems --data poems.csv`.

Chinese poems alone, with blanks between characters or without. The first row is real poems; then the published model
with one candidate, which is the language model by itself, and with several, among which its energy chooses. Lines 2
and 4 rhyme where pypinyin gives their last characters the same Mandarin final; the poems are older than these finals.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.provenance import now
from ganclf.config import DataConfig
from ganclf.contract import GenerationRequest
from ganclf.errors import ConfigError, run_command
from ganclf.evaluation.intervals import proportion_interval
from ganclf.evaluation.text_metrics import copied_share, distinct

LINE = re.compile(r"\w+")
RHYMING = (1, 3)  # numbers of the lines, from 0
BATCH = 64  # texts times candidates stay below what a model writes at once


def lines_of(poem: str) -> list[str]:
    """The lines of a poem without blanks and marks."""
    return LINE.findall(re.sub(r"[^\S\n]+", "", poem))


def form_of(poem: str) -> tuple[int, ...]:
    """Characters of each line."""
    return tuple(map(len, lines_of(poem)))


def rhymes(poem: str) -> bool:
    """Whether lines 2 and 4 end with the same Mandarin final; not where one is missing or is the same character.

    Raises:
        ConfigError: pypinyin is not installed.
    """
    lines = lines_of(poem)
    if len(lines) <= max(RHYMING):
        return False
    first, second = (lines[number][-1] for number in RHYMING)
    return first != second and final(first) == final(second) != ""


def final(character: str) -> str:
    """The Mandarin final of a character, "" where it has none.

    Raises:
        ConfigError: pypinyin is not installed.
    """
    try:
        from pypinyin import Style, pinyin
    except ImportError as missing:
        raise ConfigError("pypinyin is not installed. Install it with: pip install 'ganclf[poems]'.") from missing
    found = pinyin(character, style=Style.FINALS, strict=False, errors="ignore")
    return found[0][0] if found else ""


def figures(poems: Sequence[str], form: tuple[int, ...], known: Sequence[str]) -> dict[str, Any]:
    """Rhyme, form and variety of poems.

    Args:
        poems: 1 or more.
        form: characters of each line that a poem should have.
        known: training poems, among which copies are looked for.
    """
    rhyming = sum(map(rhymes, poems))
    interval = proportion_interval(rhyming, len(poems))
    characters = [list("".join(lines_of(poem))) for poem in poems]
    return {
        "count": len(poems),
        "rhyme": rhyming / len(poems),
        "rhyme_interval": [interval.low, interval.high],
        "form": sum(form_of(poem) == form for poem in poems) / len(poems),
        "distinct_4": distinct(characters, 4),
        "copies": copied_share(characters, [list("".join(lines_of(poem))) for poem in known]),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.poems", description=__doc__)
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="FOLDER", help="model that the command published")
    add("--data", type=Path, required=True, metavar="FILE", help="poems that it learned from")
    add("--count", type=int, default=1000, metavar="N", help="poems of each row (default: %(default)s)")
    add("--candidates", type=int, nargs="+", default=[1, 8, 16], metavar="K", help="a row for each")
    add("--seed", type=int, default=0, metavar="N", help="of the choice of real poems (default: %(default)s)")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    parsed = parser.parse_args(arguments)
    return run_command(lambda: _measure(parsed))


def _measure(parsed: argparse.Namespace) -> None:
    from ganclf.data.training_data import read_file
    from ganclf.export.published_generator import PublishedGenerator

    real = [text.strip() for text in read_file(DataConfig(), parsed.data, "ignored").texts if text.strip()]
    form = Counter(map(form_of, real)).most_common(1)[0][0]
    chosen = np.random.default_rng(parsed.seed).permutation(len(real))[: parsed.count]
    some = [real[index] for index in chosen]
    partners = np.roll(np.arange(len(some)), 1)  # what is left of the rhyme by chance
    mixed = [_with_last_line(poem, some[other]) for poem, other in zip(some, partners, strict=True)]
    _append(parsed.output, {"texts": "real poems", **figures(some, form, [])})
    _append(parsed.output, {"texts": "real poems, last lines of others", **figures(mixed, form, [])})
    model = PublishedGenerator(parsed.model)
    for candidates in parsed.candidates:
        poems: list[str] = []
        for start in range(0, parsed.count, BATCH):
            seeds = range(start, min(start + BATCH, parsed.count))
            poems += [row.text for row in model.generate(
                [GenerationRequest(seed=seed, candidates=candidates) for seed in seeds]
            )]  # fmt: skip
        name = f"published, 1 of {candidates} candidates" if candidates > 1 else "generator, temperature 1"
        _append(parsed.output, {"texts": name, "candidates": candidates, **figures(poems, form, real)})


def _with_last_line(poem: str, other: str) -> str:
    return "，".join([*lines_of(poem)[:-1], *lines_of(other)[-1:]])


def _append(output: Path, row: dict[str, Any]) -> None:
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in row.items()) + "\n")
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"created": now(), **row}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
