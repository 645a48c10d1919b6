"""The report of a benchmark in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.calibration_and_scope import calibration_and_scope
from benchmarks.encoded import TUNED, VIEWS
from benchmarks.evaluation_splits import ALL, DEV, TEST, UNDRAWN
from benchmarks.methods import OFF
from benchmarks.plan import RANDOM, STRATIFIED, SUGGESTED
from benchmarks.summary import Group, MethodScores, by_data, summarize
from ganclf.evaluation.intervals import Interval

SCORED_ON = {
    UNDRAWN: "the labeled training rows that were not drawn; their texts, without labels, are in the unlabeled pool",
    DEV: "the data set's dev file; its texts are in no idf, SVD or unlabeled pool",
    TEST: "the test part; its texts are in no idf, SVD or unlabeled pool",
}
MINUS = "\u2212"


def report(name: str, command: str, cells: Sequence[Mapping[str, Any]], planned: int, plots: Sequence[str]) -> str:
    """Write title, command, one section per data set, plots and versions; `planned` cells would be all."""
    parts = [
        f"# {name}",
        "Made again by:",
        f"```sh\n{command}\n```",
        *_unfinished(len(cells), planned),
        _general(cells),
    ]
    for data, groups in by_data(summarize(cells)).items():
        mine = [cell for cell in cells if cell["data"] == data]
        parts += [f"## {data}", _setting(mine), _overview(groups), *_in_words(groups)]
        parts += [*calibration_and_scope(groups), "### In detail", _detail(groups)]
    parts += [f"![{plot}]({plot})" for plot in plots]
    return "\n\n".join([*parts, _versions(cells)]) + "\n"


def _unfinished(done: int, planned: int) -> Iterator[str]:
    if done < planned:
        yield f"**Unfinished: {done} of {planned} cells are measured.** The same command goes on from there."


def _general(cells: Sequence[Mapping[str, Any]]) -> str:
    seeds = sorted({cell["seed"] for cell in cells})
    return (
        f"Accuracy in percent, mean ± standard deviation over draws of the labels (seeds {_ranges(seeds)}); every "
        "method is given the same labels of a draw. Differences are in points and paired by seed, with the 95 % "
        "interval (Student's t). The best baseline is the method without a game whose mean is highest on these draws."
    )


def _setting(cells: Sequence[Mapping[str, Any]]) -> str:
    first, n_test = cells[0], [cell["n_test"] for cell in cells]
    n_unlabeled = [cell["n_unlabeled"] for cell in cells]
    return (
        f"Scored on {_span(n_test)} texts: {SCORED_ON[first['part']]}. {_span(n_unlabeled)} unlabeled texts. "
        f"Encoder: {', '.join(_encoders(cells))}.{_choices(cells)}"
    )


def _choices(cells: Sequence[Mapping[str, Any]]) -> str:
    if not (further_labels := max(cell.get("further_labels", 0) for cell in cells)):
        return ""
    return (
        f" After the first labels {further_labels} more per class on average are given, to rows that one of three "
        f"strategies chose: {RANDOM}, {STRATIFIED} (an oracle that needs the labels beforehand), or {SUGGESTED} by "
        "the game trained on the first ones. Rows that any of the three has labeled are not scored."
    )


def _encoders(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each encoder, with the mean of the seconds that it took."""
    for name in sorted({cell["encoder"] for cell in cells}):
        seconds = [cell["encoding_seconds"] for cell in cells if cell["encoder"] == name]
        fitted = (
            "anew for each draw, with its labels"
            if TUNED in name or VIEWS in name
            else "once for all draws, without labels"
        )
        yield f"{name}, fitted {fitted}, {sum(seconds) / len(seconds):.0f} s"


def _overview(groups: Sequence[Group]) -> str:
    """A row per method, a column per number of labels, and the differences below."""
    names = _names(groups)
    head = ["method, labels per class", *(str(group.labels) for group in groups)]
    rows = [[f"`{name}`", *(_mean(group.lines.get(name)) for group in groups)] for name in names]
    for game in dict.fromkeys(line.name for group in groups for line in group.games):
        against = [_against_best(group, game) for group in groups]
        rows.append([f"**`{game}` {MINUS} best baseline**", *against])
        rows.append([f"**`{game}` {MINUS} off**", *(_difference(group.difference(game, OFF)) for group in groups)])
    for variant, game in {line.name: line.changes or "" for group in groups for line in group.variants}.items():
        if not any(game in group.lines for group in groups):
            continue
        found = [_difference(group.difference(variant, game)) for group in groups]
        rows.append([f"`{variant}` {MINUS} `{game}`", *found])
    for name, other in _strategy_pairs(names):
        found = [_difference(group.difference(name, other)) for group in groups]
        rows.append([f"**`{name}` {MINUS} {other.partition(', ')[2]}**", *found])
    return _table(head, rows)


def _strategy_pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line with suggested labels, and those of the same method with labels chosen by other strategies."""
    for name in names:
        if name.endswith(f" {SUGGESTED}"):
            others = [name.removesuffix(SUGGESTED) + strategy for strategy in (RANDOM, STRATIFIED)]
            yield from ((name, other) for other in others if other in names)


def _names(groups: Sequence[Group]) -> list[str]:
    """Every method of the groups, in order."""
    longest = max(groups, key=lambda group: len(group.lines))
    return list(dict.fromkeys([*longest.lines, *(name for group in groups for name in group.lines)]))


def _against_best(group: Group, game: str) -> str:
    best = group.best_baseline
    return _difference(group.difference(game, best.name)) if best else "–"


def _detail(groups: Sequence[Group]) -> str:
    head = ["labels per class, method", "accuracy", "macro F1", "to the best baseline", "draws", "seconds"]
    return _table(head, [_detail_row(group, line) for group in groups for line in group.lines.values()])


def _detail_row(group: Group, line: MethodScores) -> list[str]:
    best = group.best_baseline
    if best is None:
        change = "–"
    elif best.name == line.name:
        change = "best baseline"
    else:
        change = _difference(group.difference(line.name, best.name))
    f1, seconds = f"{100 * line.mean('macro_f1'):.1f}", f"{line.mean('seconds'):.1f}"
    return [f"{group.labels}, `{line.name}`", _mean(line), f1, change, str(len(line.cells)), seconds]


def _in_words(groups: Sequence[Group]) -> Iterator[str]:
    """A sentence per game on what the intervals of game − off show."""
    for game in dict.fromkeys(line.name for group in groups for line in group.games):
        found = {group.labels: group.difference(game, OFF) for group in groups}
        intervals = {labels: each for labels, each in found.items() if each is not None}
        if intervals:
            yield " ".join(_sentences(game, intervals))


def _sentences(game: str, intervals: Mapping[Any, Interval]) -> Iterator[str]:
    single = [labels for labels, each in intervals.items() if not each.bounded]
    open_ones = [labels for labels, each in intervals.items() if each.bounded and each.contains_zero]
    gains = [labels for labels, each in intervals.items() if each.low > 0]
    losses = [labels for labels, each in intervals.items() if each.high < 0]
    difference = f"`{game}` {MINUS} off"
    if open_ones:
        yield (
            f"At {_labels(open_ones)} the interval of {difference} contains 0: "
            "these draws do not show that the generator itself adds or costs anything."
        )
    if gains:
        yield f"At {_labels(gains)} the interval of {difference} lies above 0: the generator itself adds to accuracy."
    if losses:
        yield f"At {_labels(losses)} the interval of {difference} lies BELOW 0: the generator itself costs accuracy."
    if single:
        yield f"At {_labels(single)} there is one draw only, and so no interval of {difference}."


def _labels(counts: Sequence[Any]) -> str:
    words = [str(count) for count in counts]
    joined = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return f"{joined} label{'' if counts[-1] == 1 else 's'}{'' if counts == [ALL] else ' per class'}"


def _mean(line: MethodScores | None) -> str:
    if line is None:
        return "–"
    return f"{100 * line.mean():.1f}" + (f" ± {line.deviation():.1f}" if len(line.cells) > 1 else " (one draw)")


def _difference(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    if not interval.bounded:
        return f"{_signed(interval.mean)} (one draw)"
    return f"{_signed(interval.mean)} [{_signed(interval.low)}, {_signed(interval.high)}]"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", MINUS)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(_cell(word) for word in line) + " |" for line in lines)


def _cell(word: str) -> str:
    return word.replace("|", "\\|").replace("\n", " ")


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _ranges(seeds: Sequence[int]) -> str:
    whole = list(seeds) == list(range(seeds[0], seeds[-1] + 1)) and len(seeds) > 2
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))


def _versions(cells: Sequence[Mapping[str, Any]]) -> str:
    commits = sorted({str(cell["commit"]) for cell in cells if cell["commit"]})
    found = {f"{name} {version}" for cell in cells for name, version in cell["versions"].items() if name != "system"}
    made = f"Measured at commit {', '.join(commits)}" if commits else "Measured without a git repository"
    days = sorted({cell["when"][:10] for cell in cells})
    mixed = (
        " More than one commit: measure again into another file before comparing closely." if len(commits) > 1 else ""
    )
    return f"{made}, {days[0]}{f' to {days[-1]}' if len(days) > 1 else ''}, with {', '.join(sorted(found))}.{mixed}"
