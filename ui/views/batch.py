"""Many texts: upload a file, choose the column, download the file with labels."""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ganclf.errors import DataError, GanclfError
from ui import client, components, language, uploads
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
    """A classified file; it stays in the session until another file or column is chosen."""

    frame: pd.DataFrame
    content: bytes  # the same as a CSV
    empty: int  # rows without a text
    seconds: float


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.batch_title, anchor=False)
    st.text(words.batch_lead.format(rows=f"{MAX_ROWS:,}", megabytes=MAX_UPLOAD_MEGABYTES))
    upload = st.file_uploader(words.upload, type=list(uploads.FILE_TYPES), key="upload")
    if upload is None:
        return
    try:
        _process(upload, words)
    except DataError as error:
        components.show_data_error(error, words)
    except GanclfError as error:
        components.show_server_error(error, words)


def _process(upload: "UploadedFile", words: Wording) -> None:
    frame, text_column = _read(upload)
    column = _choose_column(frame, text_column, upload.file_id, words)
    texts = uploads.texts_to_classify(frame, column)
    if st.button(words.classify_file.format(count=f"{len(texts):,}"), type="primary", disabled=not texts):
        st.session_state.pop(RESULT, None)
        st.session_state[RESULT] = (upload.file_id, column), _classify(frame, column, texts, words)
    classified, result = st.session_state.get(RESULT, (None, None))
    if classified == (upload.file_id, column):
        _show_result(result, words)
        st.download_button(
            words.download, result.content, file_name=uploads.result_name(upload.name), mime="text/csv", type="primary"
        )


def _read(upload: "UploadedFile") -> tuple[pd.DataFrame, int]:
    """Read the file once, not at every click; return it with the position of its text column."""
    file_id, read = st.session_state.get(TABLE, (None, None))
    if file_id != upload.file_id:
        table = uploads.read_upload(upload.getvalue(), upload.name)
        read = uploads.to_frame(table), uploads.find_text_column(table)
        st.session_state[TABLE] = upload.file_id, read
    return read


def _choose_column(frame: pd.DataFrame, text_column: int, file_id: str, words: Wording) -> str:
    names = [str(name) for name in frame.columns]
    position = st.selectbox(
        words.column,
        range(len(names)),
        index=text_column,
        format_func=names.__getitem__,
        key=f"column_{file_id}",  # the choice stays when the language changes, but not when the file does
    )
    st.dataframe(frame.head(PREVIEW_ROWS), hide_index=True)
    st.caption(words.rows_found.format(rows=f"{len(frame):,}", columns=len(names)))
    return names[position]


def _classify(frame: pd.DataFrame, column: str, texts: list[str], words: Wording) -> Result:
    start = perf_counter()
    bar = st.progress(0.0, text=words.waiting)
    try:
        labeled = uploads.add_predictions(frame, column, _predict(texts, bar, words))
        content = uploads.to_csv(labeled)
    finally:
        bar.empty()
    return Result(labeled, content, len(frame) - len(texts), perf_counter() - start)


def _predict(texts: list[str], bar: "DeltaGenerator", words: Wording) -> list[tuple[str, float]]:
    predictions: list[tuple[str, float]] = []  # without the other classes: 200,000 texts with many fill gigabytes
    for answer in client.predict_in_batches(texts):
        predictions += [(prediction.label, prediction.probability) for prediction in answer.predictions]
        progress = words.progress.format(done=f"{len(predictions):,}", total=f"{len(texts):,}")
        bar.progress(len(predictions) / len(texts), text=progress)
    return predictions


def _show_result(result: Result, words: Wording) -> None:
    rows = len(result.frame)
    classified = words.classified.format(count=f"{rows - result.empty:,}", seconds=f"{max(result.seconds, 0.1):.1f}")
    st.success(classified, icon=":material/check_circle:")
    st.dataframe(
        result.frame.head(SHOWN_ROWS),
        hide_index=True,
        column_config={result.frame.columns[-1]: st.column_config.ProgressColumn(format="percent", max_value=1.0)},
    )
    if rows > SHOWN_ROWS:
        st.caption(words.rows_shown.format(shown=f"{SHOWN_ROWS:,}", rows=f"{rows:,}"))
    if result.empty:
        st.caption(words.rows_empty.format(count=f"{result.empty:,}"))


if __name__ == "__main__":
    show()
