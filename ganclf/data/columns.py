"""Which column holds the text and which the label: as named, else by usual names, else by content."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from ganclf.data.column_names import LABEL_NAMES, TEXT_NAMES, LabelRank, label_rank, text_weight, usual_names
from ganclf.data.column_profiles import FRACTION, LANGUAGE, NUMBER, ColumnProfile
from ganclf.data.dialect import SEPARATORS
from ganclf.data.nested import flatten
from ganclf.data.one_hot import MIN_COLUMNS, is_binary, is_exclusive
from ganclf.data.table import Table
from ganclf.errors import AmbiguousColumnError, DataError, MissingColumnError

LabelMode = Literal["optional", "required", "ignored"]

_ROWS_PER_CLASS = 3  # labeled rows, on average, for a column without a usual name to be taken as labels
_ROWS_PER_NAMED_CLASS = 2  # the same where a word of the name speaks for labels
_MAX_NUMBERS = 20  # different numbers that may be classes in a column whose name says nothing
_NAME_CHARACTERS = 60  # of a column name in a message: without a header row, names are whole texts
_ENOUGH = 20  # values, from which on their variety says something
_PROSE_WORDS = 4.0  # words in a value, on average, above which many different ones are texts
_NO_LABEL_KINDS = ("UUIDs", "web addresses", "e-mail addresses", "IP addresses", "times", "hashes", "file names",
                   "phone numbers", "amounts")  # fmt: skip


class ChosenColumns(NamedTuple):
    """Names of the columns to read."""

    text: tuple[str, ...]  # several are joined
    label: tuple[str, ...]  # (): there is none, or it is not wanted; several: one column per class
    notes: tuple[str, ...]  # on what was guessed
    twin: str | None = None  # a column that says the same as the label, in other words


def choose_columns(
    table: Table,
    *,
    text_column: str | Sequence[str] | None = None,
    label_column: str | Sequence[str] | None = None,
    labels: LabelMode = "optional",
    label_candidates: Sequence[str] = (),
    ignored: Collection[str] = (),
) -> ChosenColumns:
    """Find both columns.

    Args:
        table: any table of one row or more.
        text_column: the name, or the names, that the user gave, or None.
        label_column: the same for the label.
        labels: whether a label column may be missing ("optional"), must be there, or is not read at all.
        label_candidates: columns among which the label is; () for all.
        ignored: columns that are taken only if they are named.

    Returns:
        The text columns, the label columns, and the notes on what was guessed.

    Raises:
        MissingColumnError: a named column, or a needed one, is not there.
        AmbiguousColumnError: several columns may be the label.
        DataError: one column is named for both.
    """
    table = flatten(table)
    named, named_label = _as_names(text_column), _as_names(label_column) if labels != "ignored" else ()
    if both := [name for name in named_label if name in named]:
        raise DataError(
            f"{table.source}: column {both[0]!r} can't be both text and label. Name the other with --text-column."
        )
    doubles = {name for name, header in zip(table.names, table.header, strict=True) if header in table.duplicates}
    free = [name for name in table.names if name not in doubles and name not in ignored]
    profiles = {name: ColumnProfile(name, table.read) for name in table.names}
    text, notes = (_require_texts(table, named), ()) if named else _find_text(table, free, profiles, named_label)
    if labels == "ignored":
        return ChosenColumns(text, (), notes)
    if named_label:
        return ChosenColumns(text, _require(table, named_label, "--label-column"), notes)
    candidates = [name for name in label_candidates or free if name not in text]
    label, label_notes, twin = _find_label(table, candidates, profiles, certain=len(label_candidates) == 1)
    if not label and labels == "required":
        raise _missing(table, "label", "--label-column")
    return ChosenColumns(text, label, notes + label_notes, twin)


def joined_name(names: Sequence[str]) -> str:
    """The name of a column that holds what several columns hold, joined."""
    return " + ".join(names)


def _as_names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def _find_text(
    table: Table, names: Sequence[str], profiles: Mapping[str, ColumnProfile], named_label: Sequence[str]
) -> tuple[tuple[str], tuple[str, ...]]:
    """Find the text column; one is always found, or DataError is raised."""
    free = [name for name in names if name not in named_label]
    usual = usual_names(free, TEXT_NAMES)
    if sensible := _sensible(usual, free, profiles):
        return (sensible[0],), _note_others("text", sensible)
    others = [name for name in free if name not in (*usual, *usual_names(free, LABEL_NAMES))]
    readable = [name for name in others if _reads_like_text(profiles[name])]
    if usual:
        readable = [name for name in readable if not _is_label_like(profiles[name])]
        if not readable:
            return (usual[0],), _note_others("text", usual)
    chosen = (
        max(readable, key=lambda name: _text_score(profiles[name])) if readable else _longest(table, free, profiles)
    )
    veto = "".join(f"column {name!r} holds {profiles[name].kind or 'no texts'}; " for name in usual[:1])
    return (chosen,), (f"{veto}column {chosen!r} is read as the text; name another with --text-column",)


def _sensible(usual: Sequence[str], free: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> list[str]:
    """Of columns with a usual name, those that hold texts: not identifiers, not mostly blank, not labels of a text."""
    texts = [name for name in usual if _reads_like_text(profiles[name])]
    most = max((profiles[name].filled for name in texts), default=0.0)
    texts = [name for name in texts if profiles[name].filled >= most / 2]
    if not any(_is_label_like(profiles[name]) for name in texts):
        return texts
    better = any(profiles[name].words >= _PROSE_WORDS and profiles[name].distinct > 0.5 for name in free)
    return [name for name in texts if not (better and _is_label_like(profiles[name]))]


def _reads_like_text(profile: ColumnProfile) -> bool:
    """Whether a column holds no numbers, identifiers or the like, and not the same in every row."""
    return bool(profile.sample) and profile.kind in (LANGUAGE, "") and not profile.is_constant


def _is_label_like(profile: ColumnProfile) -> bool:
    """Whether a few short values are repeated many times."""
    return len(profile.sample) >= _ENOUGH and profile.distinct < 1 / _ROWS_PER_CLASS and profile.words < _PROSE_WORDS


def _text_score(profile: ColumnProfile) -> float:
    """How much a column reads like texts: words, few of them repeated; the name counts too."""
    return profile.words * profile.distinct * profile.filled * text_weight(profile.name)


def _longest(table: Table, free: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> str:
    """Where nothing reads like a text: the longest column, numbers last."""
    candidates = [name for name in free if name not in usual_names(free, LABEL_NAMES)] or free
    if not candidates:
        raise _missing(table, "text", "--text-column")

    def length(name: str) -> float:
        words = profiles[name].sample
        return 0.0 if profiles[name].kind in (NUMBER, FRACTION) else sum(map(len, words)) / max(len(words), 1)

    return max(candidates, key=length)


def _find_label(
    table: Table, names: Sequence[str], profiles: Mapping[str, ColumnProfile], certain: bool
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Find the label column, or the columns of a one-hot table; () where there is none.

    Returns:
        The columns, notes, and another column that says the same.
    """
    if certain:
        return tuple(names), (), None
    ranks = _rank_columns(names, profiles)
    if min(ranks.values(), default=LabelRank.NEVER) > LabelRank.USUAL:
        one_hot = _one_hot_columns(names, ranks, profiles)
        if len(one_hot) >= MIN_COLUMNS:
            return (*_choose_one_hot(table, one_hot, ranks), None)
    if not ranks:
        return _only_named(names, profiles), (), None
    top = min(ranks.values())
    first, *rivals = [name for name, rank in ranks.items() if rank is top]
    comparable = [name for name, rank in ranks.items() if name != first and rank < LabelRank.WEAK]
    twins = [name for name in comparable if _is_twin(table, first, name)]
    if others := [name for name in rivals if name not in twins]:
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


def _one_hot_columns(
    names: Sequence[str], ranks: Mapping[str, LabelRank], profiles: Mapping[str, ColumnProfile]
) -> list[str]:
    """Columns of zeros and ones; of those with a name such as "price", only neighbors of others."""
    binary = [not name.startswith("_") and is_binary(profiles[name]) for name in names]
    places = {place for place, name in enumerate(names) if binary[place] and label_rank(name) < LabelRank.NEVER}
    for order in (range(len(names)), reversed(range(len(names)))):
        for place in order:
            if binary[place] and places & {place - 1, place + 1}:
                places.add(place)
    return [names[place] for place in sorted(places)]


def _choose_one_hot(
    table: Table, one_hot: Sequence[str], ranks: Mapping[str, LabelRank]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the columns of a one-hot table, unless another column may be the label too."""
    exclusive = is_exclusive([table.read(name) for name in one_hot])
    own = LabelRank.PART if exclusive else LabelRank.PLAIN
    rivals = [name for name, rank in ranks.items() if name not in one_hot and rank <= own]
    if rivals:
        raise _ambiguous(table, [*rivals, *one_hot])
    note = f"columns {_quoted(one_hot)} are read as one class each; name a single one with --label-column"
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
    per_class = _ROWS_PER_NAMED_CLASS if rank is LabelRank.PART else _ROWS_PER_CLASS
    if not 2 <= classes <= max(2, rows // per_class):
        return LabelRank.NEVER
    if profile.kind == NUMBER and rank is not LabelRank.PART:
        return LabelRank.NUMBERS if classes <= _MAX_NUMBERS else LabelRank.NEVER
    return rank


def _is_prose(profile: ColumnProfile) -> bool:
    """Whether nearly every value is another sentence."""
    return len(profile.sample) >= _ENOUGH and profile.distinct > 0.8 and profile.words >= _PROSE_WORDS


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
            f"columns {_quoted(twins)} and {chosen!r} say the same; {chosen!r} is read as the label; {name_another}",
        )
    others = [name for name, rank in ranks.items() if name != chosen and rank <= LabelRank.PART]
    if others:
        return (f"column {chosen!r} is read as the label, not {_quoted(others)}; {name_another}",)
    if ranks[chosen] <= LabelRank.USUAL:
        return ()
    classes = len(profiles[chosen].classes)
    return (f"column {chosen!r} is read as the label, with {classes} different values; {name_another}",)


def _note_others(what: str, usual: Sequence[str]) -> tuple[str, ...]:
    """A note on the column that was taken where more than one has a usual name."""
    if len(usual) == 1:
        return ()
    return (f"column {usual[0]!r} is read as the {what}, not {_quoted(usual[1:])}; name another with --{what}-column",)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _require_texts(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    """`names`, or the one column in which this package wrote them joined."""
    joined = joined_name(names)
    return _require(table, (joined,) if joined in table.names else names, "--text-column")


def _require(table: Table, names: tuple[str, ...], option: str) -> tuple[str, ...]:
    """`names` if there are such columns, each once."""
    for name in names:
        table.check_single(name)
        if name not in table.names:
            raise _missing(table, name, option)
    return names


def _ambiguous(table: Table, names: Sequence[str]) -> AmbiguousColumnError:
    message = f"{table.source}: each of the columns {_quoted(names)} may be the label. Name one with --label-column."
    return AmbiguousColumnError(message, tuple(names))


def _missing(table: Table, name: str, option: str) -> MissingColumnError:
    """The error for a column that is not there; it shows the columns that are."""
    names = table.names
    found = [found_name[:_NAME_CHARACTERS] for found_name in names]
    separators = [separator for separator in SEPARATORS if len(names) == 1 and separator in names[0]]
    hint = f" If {separators[0]!r} separates the columns, add --separator {separators[0]!r}." if separators else ""
    return MissingColumnError(f"{table.source}: no column {name!r}; found {found}. Name it with {option}.{hint}")
