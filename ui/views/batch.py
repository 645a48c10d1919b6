"""Many texts: upload a file, choose the columns, download the file with labels."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from ganclf.data import ReadOptions, Table
from ganclf.errors import DataError, EncodingError, GanclfError
from ui import choices, client, components, language, results, uploads
from ui.results import AnswerColumns, Result, Row
from ui.settings import MAX_ROWS, MAX_UPLOAD_MEGABYTES
from ui.text import Wording

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TABLE, TEXTS, WAITING, RESULT, FAILED = "table", "texts", "waiting", "result", "failed"  # keys of the session
PREVIEW_ROWS = 5
SHOWN_ROWS = 1000  # a browser is slow with more
SHOWN_NOTES = 20
SHOWN_NUMBERS = 10  # of rows in a sentence


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.batch_title, anchor=False)
    st.text(words.batch_lead.format(rows=f"{MAX_ROWS:,}", megabytes=MAX_UPLOAD_MEGABYTES))
    upload = st.file_uploader(words.upload, key="upload")  # any ending: the content decides
    if upload is None:
        return
    options = choices.choose(upload.file_id, words, opened=st.session_state.get(FAILED) == upload.file_id)
    try:
        _process(upload, options, words)
    except DataError as error:
        _open_choices(upload.file_id)
        components.show_data_error(error, words)
        if isinstance(error, EncodingError) and error.likely:
            choices.offer_encoding(error.likely, upload.file_id, words)
    except GanclfError as error:
        components.show_server_error(error, words)


def _process(upload: "UploadedFile", options: ReadOptions, words: Wording) -> None:
    table, preview, found = _kept(TABLE, (upload.file_id, options), lambda: _read(upload, options))
    columns = _choose_columns(table, found, upload.file_id, words)
    _show_reading(table, preview, words)
    read = upload.file_id, options, columns
    texts, cut = _kept(TEXTS, read, lambda: uploads.read_texts(table, columns))
    count = sum(bool(text.strip()) for text in texts)
    if cut:
        st.text(words.texts_cut.format(characters=f"{uploads.MAX_TEXT_CHARACTERS:,}", rows=_numbers(cut)))
    button = words.classify_file.format(count=f"{count:,}")
    st.button(button, type="primary", disabled=not count, on_click=_ask_for, args=[read])
    if st.session_state.get(WAITING) == read:
        try:
            st.session_state[RESULT] = read, _classify(table, texts, count, words)
        except Exception:
            del st.session_state[WAITING]
            raise
    st.session_state.pop(WAITING, None)
    classified, result = st.session_state.get(RESULT, (None, None))
    if classified == read:
        _show_result(result, words)
        _show_downloads(result, upload.name, words)


def _ask_for(read: Hashable) -> None:
    """Classify in the run that follows, and again in the next if that one is broken off: a click is never lost."""
    st.session_state[WAITING] = read
    st.session_state.pop(RESULT, None)


def _open_choices(file_id: str) -> None:
    """Show the choices of a file that could not be read without a click; they are drawn already, so run anew once."""
    if st.session_state.get(FAILED) != file_id:
        st.session_state[FAILED] = file_id
        st.rerun()


def _kept(key: str, of: Hashable, make: Callable[[], Any]) -> Any:
    """What was made of the same things in an earlier run of the page, which is run at every click; else make it."""
    kept, value = st.session_state.get(key, (None, None))
    if kept != of:
        value = make()
        st.session_state[key] = of, value
    return value


def _read(upload: "UploadedFile", options: ReadOptions) -> tuple[Table, pd.DataFrame, tuple[str, ...]]:
    """The table of a file, its first rows and its text columns."""
    table = uploads.read_upload(upload.getvalue(), upload.name, options)
    return table, uploads.to_frame(table, PREVIEW_ROWS), uploads.find_text_columns(table)


def _choose_columns(table: Table, found: tuple[str, ...], file_id: str, words: Wording) -> tuple[str, ...]:
    names = list(dict.fromkeys([*table.names, *found]))  # a text may be a part of an object, which is no column
    columns: list[str] = st.multiselect(
        words.columns,
        names,
        default=found,
        key=f"columns_{file_id}_{hash(tuple(names))}",  # other columns than before, where the file is read otherwise
        placeholder=words.columns_placeholder,
    )
    return tuple(columns)


def _show_reading(table: Table, preview: pd.DataFrame, words: Wording) -> None:
    """The first rows, what each line of the file became, and the reader's notes."""
    st.dataframe(preview, hide_index=True)
    st.caption(words.rows_found.format(rows=f"{len(table):,}", columns=len(table.names)))
    with st.container(key="quiet_reading", gap="xxsmall"):
        if table.lines:
            counts = {name: f"{count:,}" for name, count in vars(table.lines).items()}
            st.text(words.lines_found.format(**counts))
        for note in table.notes[:SHOWN_NOTES]:
            st.text(f"· {choices.in_words_of_the_page(note, words)}")


def _classify(table: Table, texts: Sequence[str], count: int, words: Wording) -> Result:
    start = perf_counter()
    bar = st.progress(0.0, text=words.waiting)
    try:
        columns, answers = _predict([text for text in texts if text.strip()], bar, words)
    finally:
        bar.empty()
    return results.make_result(table, texts, columns, answers, perf_counter() - start)


def _predict(texts: list[str], bar: "DeltaGenerator", words: Wording) -> tuple[AnswerColumns, list[Row]]:
    columns: AnswerColumns | None = None
    answers: list[Row] = []
    for answer in client.predict_in_batches(texts):
        columns = columns or AnswerColumns.of(answer.predictions[0])
        answers += [columns.row(prediction) for prediction in answer.predictions]
        progress = words.progress.format(done=f"{len(answers):,}", total=f"{len(texts):,}")
        bar.progress(len(answers) / len(texts), text=progress)
    assert columns is not None  # the button needs a text
    return columns, answers


def _show_result(result: Result, words: Wording) -> None:
    rows = len(result.rows)
    classified = words.classified.format(count=f"{rows - result.empty:,}", seconds=f"{max(result.seconds, 0.1):.1f}")
    st.success(classified, icon=":material/check_circle:")
    shares = [column.name for column in result.added if column.digits is not None]
    bars = {name: st.column_config.ProgressColumn(format="percent", max_value=1.0) for name in shares}
    st.dataframe(result.head(SHOWN_ROWS), hide_index=True, column_config=bars)
    if rows > SHOWN_ROWS:
        st.caption(words.rows_shown.format(shown=f"{SHOWN_ROWS:,}", rows=f"{rows:,}"))
    if result.empty:
        st.caption(words.rows_empty.format(count=f"{result.empty:,}"))


def _show_downloads(result: Result, name: str, words: Wording) -> None:
    with st.container(horizontal=True, key="downloads"):
        for ending in results.forms():
            st.download_button(
                words.download.format(form=ending.upper()),
                partial(result.write, results.FORMS[ending]),  # when it is clicked
                file_name=results.result_name(name, ending),
                mime=results.MIME[ending],
                type="primary" if ending == "csv" else "secondary",
                on_click="ignore",
            )


def _numbers(rows: Sequence[int]) -> str:
    shown = ", ".join(f"{row:,}" for row in rows[:SHOWN_NUMBERS])
    return shown if len(rows) <= SHOWN_NUMBERS else f"{shown}, …"


if __name__ == "__main__":
    show()
