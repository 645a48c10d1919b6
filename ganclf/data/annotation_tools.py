"""Exports of Label Studio, doccano, Argilla and Prodigy: recognized by their columns, read by their meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ganclf.data.column_profiles import quoted
from ganclf.data.label_cells import parse_list
from ganclf.data.table import Table
from ganclf.errors import DataError

_RESPONSES = ".responses"


@dataclass(frozen=True)
class Annotations:
    """A table whose label columns hold what the annotators chose.

    Attributes:
        table: with one row per annotation.
        labels: columns among which the label is; () for all.
        ignored: columns that are neither text nor label unless a user names them.
        notes: how the export was read.
        not_counted: rows of each label column whose answer does not count, by the reason.
    """

    table: Table
    labels: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    not_counted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def notes_on(self, label: Sequence[str]) -> tuple[str, ...]:
        """The notes where these columns were read as the label, whoever chose them."""
        if not self.labels or set(label) <= set(self.labels):
            return self.notes
        return tuple(f"{note.partition(':')[0]}: {quoted(label)} is read as the label" for note in self.notes)

    def not_counted_in(self, label: Sequence[str]) -> Mapping[str, int]:
        """The rows without a label in these columns that are not blank, by the reason."""
        return self.not_counted.get(label[0], {}) if len(label) == 1 else {}


def read_annotations(table: Table) -> Annotations:
    """Recognize an export, and read its labels.

    Args:
        table: with flattened columns.

    Returns:
        The labels of the annotators; of another file, the table as it is.
    """
    names = set(table.names)
    for fits, read in _TOOLS:
        if fits(names) and (found := read(table)) is not None:
            return found
    return Annotations(table)


def _read_prodigy(table: Table) -> Annotations | None:
    """JSON lines of Prodigy: `accept` holds chosen options, or `label` what was asked; `answer` says if it holds."""
    answers = table.read("answer")
    given = {str(answer) for answer in answers if answer is not None}
    if not given or not given <= {"accept", "reject", "ignore"}:
        return None
    column = "accept" if "accept" in table.names else "label"
    values = [value if answer == "accept" else None for value, answer in zip(table.read(column), answers, strict=True)]
    counts = Counter(answers)
    reasons = {f"with answer {answer!r}": counts[answer] for answer in ("reject", "ignore") if counts[answer]}
    note = f"an export of Prodigy: column {column!r} is the label where the answer is 'accept'"
    ignored = {name for name in table.names if name.startswith(("_", "meta."))}
    ignored |= {"answer", "options", "accept", "label", "score", "priority", "spans", "tokens", "config"} - {column}
    return Annotations(
        _with_columns(table, {column: values}),
        (column,),
        frozenset(ignored),
        (note + _without_label(reasons),),
        {column: reasons},
    )


def _read_argilla(table: Table) -> Annotations | None:
    """Records of Argilla 2: per question a list of responses with the status of each."""
    questions = [name for name in table.names if name.endswith(_RESPONSES) or name.startswith("responses.")]
    columns: dict[str, list[Any]] = {}
    unused: dict[str, Counter[str]] = {}
    for name in questions:
        statuses = table.read(f"{name}.status") if f"{name}.status" in table.names else [None] * len(table)
        rows = [_responses(values, status) for values, status in zip(table.read(name), statuses, strict=True)]
        columns[name] = [next((value for value, status in row if status == "submitted"), None) for row in rows]
        unused[name] = Counter(
            next(status for _, status in row)
            for row in rows
            if row and not any(status == "submitted" for _, status in row)
        )
    note = f"an export of Argilla: the first submitted response of {quoted(questions)} is the label"
    ignored = {name for name in table.names if "suggestion" in name or name.startswith(("metadata", "vectors", "_"))}
    ignored |= {f"{name}.{part}" for name in questions for part in ("users", "status")} | {"id", "status", "responses"}
    return Annotations(
        _with_columns(table, columns),
        tuple(questions),
        frozenset(ignored),
        (note + _without_label(sum(unused.values(), Counter())),),
        unused,
    )


def _responses(values: Any, statuses: Any) -> list[tuple[Any, str]]:
    """The responses of a record, each with its status; without one it counts as submitted."""
    listed = _as_list(values)
    if listed and all(map(_is_object, listed)):
        return [(each.get("value"), str(each.get("status") or "submitted")) for each in listed]
    found = [str(status) for status in _as_list(statuses)]
    return list(zip(listed, found or ["submitted"] * len(listed), strict=False))


def _as_list(value: Any) -> list[Any]:
    """A list, or one that is written in a string; a single value is a list of one."""
    if isinstance(value, str):
        listed = parse_list(value.strip())
        return [value] if listed is None and value.strip() else list(listed or ())
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _read_old_argilla(table: Table) -> Annotations | None:
    """Records of Argilla 1 and Rubrix: `annotation` is the label, `prediction` is none."""
    statuses = table.read("status")
    values = [
        None if status == "Discarded" else value
        for value, status in zip(table.read("annotation"), statuses, strict=True)
    ]
    ignored = {name for name in table.names if name.startswith(("prediction", "metadata", "vectors", "explanation"))}
    ignored |= {"annotation_agent", "status", "event_timestamp", "id", "metrics"}
    note = "an export of Argilla: column 'annotation' is the label"
    discarded = statuses.count("Discarded")
    reasons = {"discarded": discarded} if discarded else {}
    return Annotations(
        _with_columns(table, {"annotation": values}),
        ("annotation",),
        frozenset(ignored),
        (note + _without_label(reasons),),
        {"annotation": reasons},
    )


def _without_label(reasons: Mapping[str, int]) -> str:
    """The end of a note: rows whose answer does not count."""
    found = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    return f"; rows without a label: {found}" if found else ""


def _read_label_studio_rows(table: Table) -> Annotations | None:
    """CSV, TSV or JSON-MIN of Label Studio: one row per annotation, one column per question."""
    ignored = {"annotator", "annotation_id", "created_at", "updated_at", "lead_time", "id", "agreement"}
    several = len(table) - len(set(map(str, table.read("id")))) if "id" in table.names else 0
    note = "an export of Label Studio: neither annotator nor times are read as the label"
    further = "1 row is a further annotation" if several == 1 else f"{several} rows are further annotations"
    return Annotations(table, (), frozenset(ignored), (note + (f"; {further} of a text" if several else ""),))


def _read_label_studio_tasks(table: Table) -> Annotations | None:
    """The JSON of Label Studio: one object per task, with the list of its annotations."""
    column = "annotations" if "annotations" in table.names else "completions"
    tasks = [[each for each in _as_list(value) if _is_object(each)] for value in table.read(column)]
    if not any("result" in each for task in tasks for each in task):
        return None
    valid = [[each for each in task if not each.get("was_cancelled")] for task in tasks]
    found = [[_label_studio_result(each) for each in task] for task in valid]
    return _expand(
        table,
        found,
        "an export of Label Studio",
        {"cancelled": sum(map(len, tasks)) - sum(map(len, valid))},
        {"cancelled": sum(bool(task) and not kept for task, kept in zip(tasks, valid, strict=True))},
    )


def _label_studio_result(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """What one annotator answered, by question."""
    answers: dict[str, Any] = {}
    for result in filter(_is_object, _as_list(annotation.get("result"))):
        value = result.get("value")
        if not _is_object(value):
            continue
        if "choices" in value:
            answers.setdefault(str(result.get("from_name", "choice")), []).extend(_as_list(value["choices"]))
        elif "rating" in value:
            answers[str(result.get("from_name", "rating"))] = value["rating"]
    return answers


def _read_doccano(table: Table) -> Annotations | None:
    """JSON lines of doccano, of whose first versions `annotations` holds numbers of labels."""
    if "annotations" not in table.names:
        return Annotations(table, (), frozenset(("id", "Comments", "comments")), ("an export of doccano",))
    rows = [[each for each in _as_list(value) if _is_object(each)] for value in table.read("annotations")]
    if not any("label" in each for row in rows for each in row):
        return None
    found = []
    for row in rows:
        by_user: dict[Any, list[Any]] = {}
        for each in row:
            by_user.setdefault(str(each.get("user")), []).append(each.get("label"))
        found.append([{"label": labels} for labels in by_user.values()])
    return _expand(table, found, "an export of doccano", {}, {})


def _expand(
    table: Table,
    found: Sequence[Sequence[Mapping[str, Any]]],
    tool: str,
    unused: Mapping[str, int],
    without: Mapping[str, int],
) -> Annotations:
    """A table with one row per annotation of a task, and one for a task that has none.

    Args:
        table: one row per task.
        found: per task the answers of each annotator, by question.
        tool: for the note.
        unused: annotations that do not count, by the reason.
        without: tasks that have only such, by the reason.

    Raises:
        DataError: nobody chose anything.
    """
    questions = tuple(dict.fromkeys(name for task in found for answers in task for name in answers))
    if not questions:
        raise DataError(
            f"{table.source}: {tool} without any choice in its annotations: spans of texts can't be learned. Export a "
            "project with choices."
        )
    places = [place for place, task in enumerate(found) for _ in task or (None,)]
    answers = [each for task in found for each in task or ({},)]
    own = {question: [each.get(question) for each in answers] for question in questions}
    kept = tuple(name for name in table.names if name not in questions)

    def read(name: str) -> list[Any]:
        if name in own:
            return own[name]
        values = table.read(name)
        return [values[place] for place in places]

    names = (*kept, *questions)
    numbers = [table.row_numbers[place] for place in places]
    several = sum(len(task) > 1 for task in found)
    note = f"{tool}: {quoted(questions) or 'nothing'} is the label"
    counts = [f"left out: {count} {reason} annotation{'s'[: count > 1]}" for reason, count in unused.items() if count]
    counts += [f"{several} texts have several annotations, each in a row of its own"] if several else []
    return Annotations(
        replace(table, names=names, header=names, read=read, row_numbers=numbers),
        questions,
        frozenset(("annotations", "completions", "predictions", "id", "meta")),
        ("; ".join([note, *counts]),),
        {question: {reason: count for reason, count in without.items() if count} for question in questions},
    )


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _with_columns(table: Table, columns: Mapping[str, list[Any]]) -> Table:
    """The table with other values in some of its columns."""
    return replace(table, read=lambda name: columns[name] if name in columns else table.read(name))


# Columns by which each export is recognized, and how it is read; the first that fits.
_TOOLS: tuple[tuple[Callable[[set[str]], bool], Callable[[Table], Annotations | None]], ...] = (
    (lambda names: "answer" in names and bool({"accept", "label"} & names), _read_prodigy),
    (lambda names: any(name.endswith(_RESPONSES) for name in names), _read_argilla),
    (lambda names: "responses" in names and any(name.startswith("responses.") for name in names), _read_argilla),
    (lambda names: {"annotation", "prediction", "status"} <= names, _read_old_argilla),
    (lambda names: len({"annotator", "annotation_id", "lead_time"} & names) > 1, _read_label_studio_rows),
    (lambda names: bool({"annotations", "completions"} & names) and "data" in names, _read_label_studio_tasks),
    (lambda names: {"text", "annotations"} <= names or {"id", "text", "label", "Comments"} <= names, _read_doccano),
)
