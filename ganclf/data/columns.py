"""Which column holds the text and which the label: as named, else by usual names, else by content."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from ganclf.data.column_names import LABEL_NAMES, TEXT_NAMES, text_weight, usual_names
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
from ganclf.data.dialect import SEPARATORS, as_option
from ganclf.data.label_columns import find_label
from ganclf.data.nested import flatten
from ganclf.data.table import Table
from ganclf.errors import DataError, MissingColumnError

LabelMode = Literal["optional", "required", "ignored"]

_NAME_CHARACTERS = 60  # of a column name in a message: without a header row, names are whole texts


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
    several: bool = False,
    label_candidates: Sequence[str] = (),
    ignored: Collection[str] = (),
) -> ChosenColumns:
    """Find both columns.

    Args:
        table: any table of one row or more.
        text_column: the name, or the names, that the user gave, or None.
        label_column: the same for the label.
        labels: whether a label column may be missing ("optional"), must be there, or is not read at all.
        several: whether rows are known to have several labels, which two columns of zeros and ones may hold.
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
    label, label_notes, twin = find_label(
        table, candidates, profiles, certain=len(label_candidates) == 1, several=several
    )
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
    taken = {*usual, *usual_names(free, LABEL_NAMES)}
    others = [name for name in free if name not in taken]
    readable = [name for name in others if _reads_like_text(profiles[name])]
    if usual:
        readable = [name for name in readable if profiles[name].words >= 2 and not _is_label_like(profiles[name])]
        if not readable:
            return (usual[0],), _note_others("text", usual)
    chosen = (
        max(readable, key=lambda name: (profiles[name].kind, _text_score(profiles[name])))
        if readable
        else _longest(table, free, profiles)
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
    better = any(profiles[name].words >= PROSE_WORDS and profiles[name].distinct > 0.5 for name in free)
    return [name for name in texts if not (better and _is_label_like(profiles[name]))]


def _reads_like_text(profile: ColumnProfile) -> bool:
    """Whether a column holds no numbers, identifiers or the like, and not the same in every row."""
    return bool(profile.sample) and profile.kind in (LANGUAGE, "") and not profile.is_constant


def _is_label_like(profile: ColumnProfile) -> bool:
    """Whether a few short values are repeated many times."""
    return len(profile.sample) >= ENOUGH and profile.distinct < 1 / ROWS_PER_CLASS and profile.words < PROSE_WORDS


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


def _note_others(what: str, usual: Sequence[str]) -> tuple[str, ...]:
    """A note on the column that was taken where more than one has a usual name."""
    if len(usual) == 1:
        return ()
    return (f"column {usual[0]!r} is read as the {what}, not {quoted(usual[1:])}; name another with --{what}-column",)


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


def _missing(table: Table, name: str, option: str) -> MissingColumnError:
    """The error for a column that is not there; it shows the columns that are."""
    names = table.names
    found = [found_name[:_NAME_CHARACTERS] for found_name in names]
    separators = [separator for separator in SEPARATORS if len(names) == 1 and separator in names[0]]
    likely = as_option(separators[0]) if separators else ""
    hint = f" If {likely} separates the columns, add --separator {likely}." if likely else ""
    return MissingColumnError(f"{table.source}: no column {name!r}; found {found}. Name it with {option}.{hint}")
