"""Many texts: upload a file, choose the column, download the file with labels."""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ganclf.errors import GanclfError
from ui import asking, language, showing, tables
from ui.settings import MAX_ROWS, MAX_UPLOAD_MEGABYTES
from ui.text import Wording

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TABLE, RESULT = "table", "result"  # keys of the session
PREVIEW_ROWS = 5
SHOWN_ROWS = 1000  # a browser is slow with more


@dataclass(frozen=True)
class Result:
    """What a finished run leaves in the session until another file or column is chosen."""

    table: pd.DataFrame
    content: bytes  # the same table as a file
    empty: int  # rows without a text
    seconds: float


def show() -> None:
    """Draw the page."""
    words = language.chosen()
    st.title(words.batch_title, anchor=False)
    st.text(words.batch_lead.format(rows=f"{MAX_ROWS:,}", megabytes=MAX_UPLOAD_MEGABYTES))
    upload = st.file_uploader(words.upload, type=["csv", "tsv", "txt"], key="upload")
    if upload is None:
        return
    try:
        _work(upload, words)
    except tables.TableError as error:
        st.error(error.say(words))
    except GanclfError as error:
        showing.problem(error, words)


def _work(upload: "UploadedFile", words: Wording) -> None:
    table = _table(upload)
    column = _choose_column(table, upload.file_id, words)
    texts = tables.texts_to_ask(table, column)
    if st.button(words.run.format(count=f"{len(texts):,}"), type="primary", disabled=not texts):
        st.session_state.pop(RESULT, None)
        st.session_state[RESULT] = (upload.file_id, column), _run(table, column, texts, words)
    run_for, result = st.session_state.get(RESULT, (None, None))
    if run_for == (upload.file_id, column):
        _show_result(result, words)
        st.download_button(
            words.download, result.content, file_name=tables.result_name(upload.name), mime="text/csv", type="primary"
        )


def _table(upload: "UploadedFile") -> pd.DataFrame:
    """Read the file once, not at every click."""
    file_id, table = st.session_state.get(TABLE, (None, None))
    if file_id != upload.file_id:
        table = tables.read_table(upload.getvalue())
        st.session_state[TABLE] = upload.file_id, table
    return table


def _choose_column(table: pd.DataFrame, file_id: str, words: Wording) -> str:
    names = [str(name) for name in table.columns]
    position = st.selectbox(
        words.column,
        range(len(names)),
        index=tables.guess_column(table),
        format_func=names.__getitem__,
        key=f"column_{file_id}",  # the choice outlives a change of language, but not of the file
    )
    st.dataframe(table.head(PREVIEW_ROWS), hide_index=True)
    st.caption(words.rows_found.format(rows=f"{len(table):,}", columns=len(names)))
    return names[position]


def _run(table: pd.DataFrame, column: str, texts: list[str], words: Wording) -> Result:
    started = perf_counter()
    bar = st.progress(0.0, text=words.asking)
    try:
        labelled = tables.with_labels(table, column, _predict(texts, bar, words))
        content = tables.to_csv(labelled)
    finally:
        bar.empty()
    return Result(labelled, content, len(table) - len(texts), perf_counter() - started)


def _predict(texts: list[str], bar: "DeltaGenerator", words: Wording) -> list[tuple[str, float]]:
    labels: list[tuple[str, float]] = []  # not the predictions: 200,000 of many classes fill gigabytes
    for answered in asking.ask_in_chunks(texts):
        labels += [(prediction.label, prediction.probability) for prediction in answered.predictions]
        done = words.progress.format(done=f"{len(labels):,}", total=f"{len(texts):,}")
        bar.progress(len(labels) / len(texts), text=done)
    return labels


def _show_result(result: Result, words: Wording) -> None:
    rows = len(result.table)
    asked = words.asked.format(count=f"{rows - result.empty:,}", seconds=f"{max(result.seconds, 0.1):.1f}")
    st.success(asked, icon=":material/check_circle:")
    st.dataframe(
        result.table.head(SHOWN_ROWS),
        hide_index=True,
        column_config={result.table.columns[-1]: st.column_config.ProgressColumn(format="percent", max_value=1.0)},
    )
    if rows > SHOWN_ROWS:
        st.caption(words.rows_shown.format(shown=f"{SHOWN_ROWS:,}", rows=f"{rows:,}"))
    if result.empty:
        st.caption(words.rows_empty.format(count=f"{result.empty:,}"))


if __name__ == "__main__":
    show()
