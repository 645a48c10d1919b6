"""Which column holds the labels: candidates are ranked by name and content, and two of one rank are not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ganclf.data.column_names import LABEL_NAMES, LabelRank, label_rank, usual_names
from ganclf.data.column_profiles import (
    ENOUGH,
    FRACTION,
    LANGUAGE,
    NUMBER,
    PROSE_WORDS,
    ROWS_PER_CLASS,
    ColumnProfile,
    quoted,
)
from ganclf.data.one_hot import MIN_COLUMNS, is_binary, is_exclusive
from ganclf.data.table import Table
from ganclf.errors import AmbiguousColumnError

_ROWS_PER_NAMED_CLASS = 2  # the same as ROWS_PER_CLASS where a word of the name speaks for labels
_MAX_NUMBERS = 20  # different numbers that may be classes in a column whose name says nothing
_NO_LABEL_KINDS = ("UUIDs", "web addresses", "e-mail addresses", "IP addresses", "times", "hashes", "file names",
                   "phone numbers", "amounts")  # fmt: skip


def find_label(
    table: Table, names: Sequence[str], profiles: Mapping[str, ColumnProfile], certain: bool, several: bool
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Find the label column, or the columns of a one-hot table.

    Args:
        table: any table.
        names: of the columns that may be the label.
        profiles: of all columns.
        certain: whether there is only one candidate, whatever it holds.
        several: whether rows are known to have several labels, which two columns of zeros and ones may hold.

    Returns:
        The columns, () where there is none; notes on what was guessed; another column that says the same.

    Raises:
        AmbiguousColumnError: several columns may be the label.
    """
    if certain:
        return tuple(names), (), None
    ranks = _rank_columns(names, profiles)
    if min(ranks.values(), default=LabelRank.NEVER) > LabelRank.USUAL:
        one_hot = _one_hot_columns(names, profiles)
        if len(one_hot) >= MIN_COLUMNS:
            return (*_choose_one_hot(table, one_hot, ranks, several), None)
    if not ranks:
        return _only_named(names, profiles), (), None
    top = min(ranks.values())
    first, *rivals = [name for name, rank in ranks.items() if rank is top]
    comparable = [name for name, rank in ranks.items() if name != first and rank < LabelRank.WEAK]
    twins = [name for name in comparable if _is_twin(table, first, name)]
    same = set(twins)
    if others := [name for name in rivals if name not in same]:
        raise _ambiguous(table, [first, *others])
    chosen = next((name for name in (first, *twins) if profiles[name].kind == LANGUAGE), first)
    twins = twins if chosen == first else [first]
    return (chosen,), _note_label(chosen, twins, ranks, profiles), twins[0] if twins else None


def _rank_columns(names: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> dict[str, LabelRank]:
    """The columns that may hold labels, in file order; those without a name for it only where they are needed."""
    ranks = {name: _rank(profiles[name]) for name in names if label_rank(name) <= LabelRank.PART}
    top = min(ranks, key=ranks.__getitem__, default=None)
    if top is None or ranks[top] > LabelRank.USUAL or profiles[top].kind != LANGUAGE:
        ranks |= {name: _rank(profiles[name]) for name in names if name not in ranks}
    return {name: ranks[name] for name in names if ranks.get(name, LabelRank.NEVER) is not LabelRank.NEVER}


def _one_hot_columns(names: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> list[str]:
    """Columns of zeros and ones; of those with a name such as "price", only neighbors of others."""
    binary = [not name.startswith("_") and is_binary(profiles[name]) for name in names]
    places = {place for place, name in enumerate(names) if binary[place] and label_rank(name) < LabelRank.NEVER}
    for order in (range(len(names)), reversed(range(len(names)))):
        for place in order:
            if binary[place] and places & {place - 1, place + 1}:
                places.add(place)
    return [names[place] for place in sorted(places)]


def _choose_one_hot(
    table: Table, one_hot: Sequence[str], ranks: Mapping[str, LabelRank], several: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the columns of a one-hot table, unless another column may be the label too."""
    exclusive = is_exclusive([table.read(name) for name in one_hot])
    own = LabelRank.PART if exclusive else LabelRank.PLAIN
    rivals = [name for name, rank in ranks.items() if name not in one_hot and rank <= own]
    if rivals or (len(one_hot) == MIN_COLUMNS and not exclusive and not several):
        raise _ambiguous(table, [*rivals, *one_hot], " If each of them is a class: --labels multi.")
    note = f"columns {quoted(one_hot)} are read as one class each; name a single one with --label-column"
    return tuple(one_hot), (note,)


def _rank(profile: ColumnProfile) -> LabelRank:
    """Rank a column by its name and what it holds; NEVER where it can't be the label."""
    rank = label_rank(profile.name)
    if rank is LabelRank.NEVER:
        return rank
    if rank <= LabelRank.USUAL:
        hollow = rank is LabelRank.USUAL and not profile.classes
        return LabelRank.NEVER if hollow or profile.kind in _NO_LABEL_KINDS or _is_prose(profile) else rank
    if profile.kind in _NO_LABEL_KINDS or (profile.kind == FRACTION and rank is not LabelRank.PART):
        return LabelRank.NEVER
    classes, rows = len(profile.classes), sum(profile.classes.values())
    per_class = _ROWS_PER_NAMED_CLASS if rank is LabelRank.PART else ROWS_PER_CLASS
    if not 2 <= classes <= max(2, rows // per_class):
        return LabelRank.NEVER
    if profile.kind == NUMBER and rank is not LabelRank.PART:
        return LabelRank.NUMBERS if classes <= _MAX_NUMBERS else LabelRank.NEVER
    return rank


def _is_prose(profile: ColumnProfile) -> bool:
    """Whether nearly every value is another sentence."""
    return len(profile.sample) >= ENOUGH and profile.distinct > 0.8 and profile.words >= PROSE_WORDS


def _only_named(names: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> tuple[str, ...]:
    """A column whose name says that it is the label, although its values do not: the check says more of them."""
    usual = usual_names(names, LABEL_NAMES)
    return tuple(name for name in usual if label_rank(name) is LabelRank.SURE or not profiles[name].sample)[:1]


def _is_twin(table: Table, first: str, second: str) -> bool:
    """Whether each label of one column goes with one of the other, in all rows, and there are several."""
    pairs = set(zip(map(str, table.read(first)), map(str, table.read(second)), strict=True))
    return 1 < len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def _note_label(
    chosen: str, twins: Sequence[str], ranks: Mapping[str, LabelRank], profiles: Mapping[str, ColumnProfile]
) -> tuple[str, ...]:
    """What was guessed, and what else there was."""
    name_another = "name another with --label-column"
    if twins:
        return (
            f"columns {quoted(twins)} and {chosen!r} say the same; {chosen!r} is read as the label; {name_another}",
        )
    others = [name for name, rank in ranks.items() if name != chosen and rank <= LabelRank.PART]
    if others:
        return (f"column {chosen!r} is read as the label, not {quoted(others)}; {name_another}",)
    if ranks[chosen] <= LabelRank.USUAL:
        return ()
    classes = len(profiles[chosen].classes)
    return (f"column {chosen!r} is read as the label, with {classes} different values; {name_another}",)


def _ambiguous(table: Table, names: Sequence[str], hint: str = "") -> AmbiguousColumnError:
    message = f"{table.source}: each of the columns {quoted(names)} may be the label. Name one with --label-column."
    return AmbiguousColumnError(message + hint, tuple(names))
