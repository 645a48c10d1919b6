"""python -m ganclf.predict: every row and column of a file comes back, with an answer."""

import codecs
import csv
import io
import json
import os
import sys
import threading

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ganclf import GANClassifier
from ganclf.cli.draft import only_writer
from ganclf.contract import MAX_TEXT_CHARACTERS, REPORT_FILE
from ganclf.predict import main
from serving.local import LocalServer

ADDED = ["label", "probability", "in_scope"]


@pytest.fixture
def predict(version, capsys):
    """Run the command with the model; returns exit code, standard output and standard error."""

    def predict(*words, model=version):
        code = main([*map(str, words), "--model", str(model)])
        return code, *capsys.readouterr()

    return predict


def read(file, separator=","):
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=separator))


def write(file, text):
    file.write_bytes(text.encode("utf-8"))
    return file


def test_every_row_and_column_stays_in_order_and_blank_texts_have_no_answer(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "id,text\r\n1,good day\r\n2,\r\n3,bad rain\r\n,\r\n5,  \r\n6,fine sun\r\n")
    code, out, error = predict("--input", rows, "--output", tmp_path / "out.csv")
    assert (code, out) == (0, "")
    assert "out.csv: 6 rows with their answers" in error
    header, *found = read(tmp_path / "out.csv")
    assert header == ["id", "text", *ADDED]
    assert [row[:2] for row in found] == read(rows)[1:]
    assert [bool(row[2]) for row in found] == [True, False, True, False, False, True]
    assert all(row[2:] == ["", "", ""] for row in found if not row[2])
    assert {row[2] for row in found} <= {"sun", "rain", ""}
    assert (tmp_path / "out.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv"]


def test_blank_lines_of_a_file_with_one_column_are_rows(predict, tmp_path):
    rows = write(tmp_path / "in.csv", 'text\r\ngood day\r\n\r\n""\r\nbad rain\r\n   \r\nfine sun\r\n')
    predict("--input", rows, "--output", tmp_path / "out.csv")
    assert [row[0] for row in read(tmp_path / "out.csv")] == ["text", "good day", "", "", "bad rain", "   ", "fine sun"]


@pytest.mark.parametrize(
    ("content", "rows"), [("id,text\n1,good day\n,\n\n\n", 2), ('text\ngood day\n""\n', 2), ("text\ngood day\n\n\n", 1)]
)
def test_rows_at_the_end_stay_and_empty_lines_there_do_not_count(content, rows, predict, tmp_path):
    file = write(tmp_path / "in.csv", content)
    predict("--input", file, "--output", tmp_path / "out.csv")
    assert len(read(tmp_path / "out.csv")) == 1 + rows


def test_totals_and_repeated_headers_stay_in_place_and_have_no_answer(predict, tmp_path):
    content = "id,text\n1,good day\n2,bad rain\nid,text\n3,fine sun\n,\nTotal,3\n"
    file = write(tmp_path / "in.csv", content)
    _, _, error = predict("--input", file, "--output", tmp_path / "out.csv")
    found = read(tmp_path / "out.csv")[1:]
    assert [row[:2] for row in found] == read(file)[1:]
    assert [bool(row[2]) for row in found] == [True, True, False, True, False, False]
    assert "rows that repeat the header and are not answered: row 4" in error
    assert "rows with totals that are not answered: row 7" in error
    assert "out.csv: 6 rows with their answers" in error


def test_names_that_are_taken_stay_the_file_s(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "label,text,probability\nmine,good day,high\n")
    predict("--input", rows, "--output", tmp_path / "out.csv")
    header, row = read(tmp_path / "out.csv")
    assert header == ["label", "text", "probability", "label_predicted", "probability_predicted", "in_scope"]
    assert row[:3] == ["mine", "good day", "high"]


def test_texts_that_a_spreadsheet_would_run_stay_texts(predict, tmp_path):
    rows = write(tmp_path / "in.csv", 'id,text\n=1+1,"=HYPERLINK(""x"")"\n')
    predict("--input", rows, "--output", tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")[1][:2] == ["=1+1", '=HYPERLINK("x")']
    predict("--input", rows, "--output", tmp_path / "out.xlsx")
    cells = next(openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(min_row=2))
    assert [cell.value for cell in cells[:2]] == ["=1+1", '=HYPERLINK("x")']
    assert {cell.data_type for cell in cells[:2]} == {"s"}
    assert isinstance(cells[3].value, float)


def test_json_lines_and_parquet_keep_the_types_of_their_values(predict, tmp_path):
    rows = [
        {"n": 1, "text": "good day", "tags": ["a"], "more": {"x": None}, "label": 0.5},
        {"n": 2, "text": None, "tags": [], "more": None, "label": None},
    ]
    write(tmp_path / "in.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert predict("--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl")[0] == 0
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [{name: row[name] for name in rows[0]} for row in found] == rows
    assert list(found[0])[5:] == ["label_predicted", "probability", "in_scope", "probabilities"]
    assert [row["label_predicted"] for row in found] == [
        max(found[0]["probabilities"], key=found[0]["probabilities"].get),
        None,
    ]
    assert predict("--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.parquet")[0] == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.field("n").type == pa.int64()
    assert table.column("tags").to_pylist() == [["a"], []]
    assert table.column("probability").to_pylist() == [found[0]["probability"], None]


def test_objects_become_cells_and_their_texts_are_found(predict, tmp_path):
    lines = [{"id": 1, "data": {"text": "good fine day", "n": 2}}, {"id": 2, "data": {"text": "bad rain", "n": 3}}]
    write(tmp_path / "in.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    predict("--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.csv", "--text-column", "data.text")
    header, *found = read(tmp_path / "out.csv")
    assert header == ["id", "data", *ADDED]
    assert [json.loads(row[1]) for row in found] == [line["data"] for line in lines]
    assert all(row[2] in ("sun", "rain") for row in found)


@pytest.mark.parametrize("double", ["csv", "jsonl"])
def test_columns_with_one_name_are_both_kept(double, predict, tmp_path):
    rows = write(tmp_path / "in.csv", "text,tag,tag\ngood day,x,y\n")
    predict("--input", rows, "--output", tmp_path / f"out.{double}")
    if double == "csv":
        assert [row[:3] for row in read(tmp_path / "out.csv")] == [["text", "tag", "tag"], ["good day", "x", "y"]]
    else:
        line = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
        assert list(line.values())[:3] == ["good day", "x", "y"]


def test_a_file_without_a_header_keeps_all_rows(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "1,good day\n2,bad rain\n")
    predict("--input", rows, "--output", tmp_path / "out.csv", "--no-header")
    header, *found = read(tmp_path / "out.csv")
    assert header == ["column 1", "column 2", *ADDED]
    assert [row[:2] for row in found] == [["1", "good day"], ["2", "bad rain"]]


def test_parquet_comes_back_as_parquet(predict, tmp_path):
    table = pa.table({"n": pa.array([1, 2], pa.int8()), "text": ["good day", " "], "box": [{"x": [0.5]}, None]})
    pq.write_table(table, tmp_path / "in.parquet")
    predict("--input", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column_names == ["n", "text", "box", *ADDED]
    assert found.schema.field("n").type == pa.int8()
    assert found.select(["n", "text", "box"]).to_pylist() == table.to_pylist()
    assert found.column("label").to_pylist()[1] is None


def test_tab_separated_output_and_chosen_columns(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "id;text;note\n1;good, day;x\n")
    assert predict("--input", rows, "--output", tmp_path / "out.tsv", "--columns", "note", "id")[0] == 0
    assert [row[:2] for row in read(tmp_path / "out.tsv", "\t")] == [["note", "id"], ["x", "1"]]
    code, _, error = predict("--input", rows, "--output", tmp_path / "out.tsv", "--columns", "words")
    assert code == 2
    assert "no column 'words'; found ['id', 'text', 'note']" in error


def test_the_most_probable_labels(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "text\ngood day\n\n")
    predict("--input", rows, "--output", tmp_path / "out.csv", "--top-k", 2)
    header, row, *_ = read(tmp_path / "out.csv")
    assert header == ["text", *ADDED, "label_2", "probability_2"]
    assert {row[1], row[4]} == {"sun", "rain"}
    assert float(row[2]) + float(row[5]) == pytest.approx(1, abs=1e-5)
    out = predict("good day", "--top-k", 1, "--format", "jsonl")[1]
    assert list(json.loads(out)["probabilities"]) == [row[1]]


@pytest.mark.parametrize("served", [False, True])
def test_there_are_no_more_labels_than_classes(predict, version, tmp_path, served):
    words = ["--input", write(tmp_path / "in.csv", "text\ngood day\n"), "--output", tmp_path / "out.csv", "--top-k", 99]
    if served:
        with LocalServer(model_name="weather", base_path=version.parent, port=0) as server:
            code, _, error = predict(*words, "--server", server.address, "--model-name", "weather")
    else:
        code, _, error = predict(*words)
    assert code == 0
    assert "--top-k 99: the model has 2 classes; all of them are given" in error
    assert read(tmp_path / "out.csv")[0] == ["text", *ADDED, "label_2", "probability_2"]


def test_bounds_leave_labels_out(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "text\ngood day\n")
    predict("--input", rows, "--output", tmp_path / "out.csv", "--abstain-below", "1")
    assert read(tmp_path / "out.csv")[1][1] == ""
    assert float(read(tmp_path / "out.csv")[1][2]) > 0


def test_a_text_that_is_too_long_is_cut_with_a_note_and_stays_whole_in_the_file(predict, tmp_path):
    long = "good " * (MAX_TEXT_CHARACTERS // 5) + "day"
    rows = write(tmp_path / "in.csv", "id,text\n1,rain\n" + f"2,{long}\n" * 12)
    code, _, error = predict("--input", rows, "--output", tmp_path / "out.csv")
    assert code == 0
    notes = [line for line in error.splitlines() if "characters" in line]
    assert notes[0] == "note: row 3: the text has 100,003 characters; the first 100,000 are classified"
    assert notes[10:] == ["note: 2 more texts had more than 100,000 characters"]
    found = read(tmp_path / "out.csv")
    assert found[2][1] == long
    assert found[13][2] in ("sun", "rain")
    code, out, error = predict(long)
    assert (code, json.loads(out)["text"]) == (0, long)
    assert "text 1: the text has 100,003 characters" in error


def test_a_server_answers_the_same(predict, version, tmp_path):
    long = "good " * (MAX_TEXT_CHARACTERS // 5) + "day"
    rows = write(tmp_path / "in.csv", f"id,text\n1,good day\n2,\n3,{long}\n")
    predict("--input", rows, "--output", tmp_path / "here.csv")
    with LocalServer(model_name="weather", base_path=version.parent, port=0) as server:
        words = ["--server", server.address, "--model-name", "weather"]
        code, _, error = predict("--input", rows, "--output", tmp_path / "there.csv", *words)
    assert code == 0, error
    assert "row 4: the text has 100,003 characters" in error
    here, there = read(tmp_path / "here.csv"), read(tmp_path / "there.csv")
    assert [row[:3] for row in here] == [row[:3] for row in there]
    assert float(here[1][3]) == pytest.approx(float(there[1][3]), abs=1e-5)


def test_the_text_column_is_that_of_training_where_the_file_has_it(fitted, predict, tmp_path):
    def report(assets):
        (assets / REPORT_FILE).write_text(json.dumps({"data": {"columns": {"text": "body", "label": "kind"}}}))

    model = fitted.save(tmp_path / "model", report)
    rows = write(tmp_path / "in.csv", "text,body\nfirst,bad rain\n")
    assert json.loads(predict("--input", rows, model=model)[1])["text"] == "bad rain"
    assert json.loads(predict("--input", rows, "--text-column", "text", model=model)[1])["text"] == "first"
    other = write(tmp_path / "other.csv", "id,message\n1,good day\n")
    assert json.loads(predict("--input", other, model=model)[1])["text"] == "good day"


def test_a_model_of_several_labels_joins_them(gameless, predict, tmp_path):
    texts = ["good fine day", "bad awful day", "good bad sun", "awful rain", "fine nice day", "rain good"]
    labels = [("good",), ("bad",), ("bad", "good"), ("bad",), ("good",), None]
    model = tmp_path / "several"
    GANClassifier(**gameless).fit(texts, labels).save(model)
    rows = write(
        tmp_path / "in.csv", "id,text\n" + "".join(f"{row},{text}\n" for row, text in enumerate(texts)) + "9,\n"
    )
    assert predict("--input", rows, "--output", tmp_path / "out.csv", model=model)[0] == 0
    header, *found = read(tmp_path / "out.csv")
    assert header == ["id", "text", "labels", "probabilities", "in_scope"]
    assert all(set(row[2].split("|")) <= {"good", "bad", ""} for row in found)
    assert [len(row[2].split("|")) for row in found] == [len(row[3].split("|")) for row in found]
    predict("--input", rows, "--output", tmp_path / "out.jsonl", model=model)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert ["|".join(line["labels"] or ()) for line in lines] == [row[2] for row in found]
    assert lines[-1]["labels"] is None
    with LocalServer(model_name="several", base_path=model, port=0) as server:
        there = predict(*texts, "--server", server.address, "--model-name", "several", model=model)[1]
    assert [json.loads(line)["labels"] for line in there.splitlines()] == [line["labels"] for line in lines[:-1]]
    assert all(isinstance(line["labels"], list) for line in lines[:-1])


def test_without_output_only_texts_and_answers_are_printed(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "id,text\n1,good day\n2,\n")
    lines = [json.loads(line) for line in predict("--input", rows)[1].splitlines()]
    assert [list(line) for line in lines] == [["text", *ADDED, "probabilities"]] * 2
    assert lines[1] == {"text": "", "label": None, "probability": None, "in_scope": None, "probabilities": None}
    table = predict("--input", rows, "--format", "table")[1]
    assert "good day" in table
    assert "%" in table


def test_a_table_shows_the_user_s_text_as_it_is(predict, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    shown = predict("[red]no markup[/red] of\ntwo lines, 包裹", "--format", "table", "--abstain-below", "1")[1]
    assert "[red]no markup[/red] of two lines, 包裹" in shown
    assert "–" in shown


def feed(monkeypatch, content):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)), encoding="ascii"))


@pytest.mark.parametrize(
    "content",
    [
        b"good day\n\nbad rain\n",
        codecs.BOM_UTF8 + b"good day\r\n\r\nbad rain",
        codecs.BOM_UTF16_LE + "good day\r\n\r\nbad rain\r\n".encode("utf-16-le"),
    ],
)
def test_line_n_of_standard_input_is_line_n_of_the_answers(content, predict, monkeypatch):
    feed(monkeypatch, content)
    lines = [json.loads(line) for line in predict()[1].splitlines()]
    assert [line["text"] for line in lines] == ["good day", "", "bad rain"]
    assert [line["label"] is None for line in lines] == [False, True, False]


def test_a_lone_carriage_return_does_not_shift_the_lines(predict, monkeypatch):
    feed(monkeypatch, b"good\rday\nbad \xff rain\n")
    texts = [json.loads(line)["text"] for line in predict()[1].splitlines()]
    assert texts == ["good\rday", "bad \ufffd rain"]


def test_lines_are_written_to_a_file_too(predict, monkeypatch, tmp_path):
    feed(monkeypatch, b"good day\n\nbad rain\n")
    predict("--output", tmp_path / "out.csv")
    assert [row[0] for row in read(tmp_path / "out.csv")] == ["text", "good day", "", "bad rain"]
    assert os.listdir(tmp_path) == ["out.csv"]


def test_a_file_comes_from_standard_input(predict, monkeypatch, tmp_path):
    feed(monkeypatch, b"id;text\n1;good day\n2;\n")
    predict("--input", "-", "--output", tmp_path / "out.csv")
    assert [row[:2] for row in read(tmp_path / "out.csv")] == [["id", "text"], ["1", "good day"], ["2", ""]]


def test_a_file_comes_from_a_pipe(predict, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"id,text\n1,good day\n2,\n",))
    writer.start()
    predict("--input", pipe, "--output", tmp_path / "out.csv")
    writer.join()
    assert [row[:2] for row in read(tmp_path / "out.csv")] == [["id", "text"], ["1", "good day"], ["2", ""]]


@pytest.mark.parametrize(
    ("raw", "words", "text"),
    [
        ("今天天气很好，适合去公园散步".encode("gb18030"), [], "今天天气很好，适合去公园散步"),
        ("café".encode("latin-1"), ["--encoding", "latin-1"], "café"),
        (b"caf\xe9", [], "caf\ufffd"),
    ],
)
def test_arguments_that_are_not_utf_8_are_answered(raw, words, text, predict):
    code, out, error = predict(raw.decode("utf-8", errors="surrogateescape"), *words)
    assert (code, json.loads(out)["text"]) == (0, text)
    assert "Traceback" not in error


def test_any_text_is_printed_whatever_the_locale(start, version):
    surroundings = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    for form in ("jsonl", "table"):
        process = start("-m", "ganclf.predict", "--model", version, "--format", form, b"good \xe9 day", **surroundings)
        out, error = process.communicate(timeout=100)
        assert process.returncode == 0, error
        assert "good" in out
        assert "Traceback" not in error


def test_half_a_surrogate_pair_is_answered(predict):
    code, out, _ = predict("good \ud800 day")
    assert (code, json.loads(out)["text"]) == (0, "good ? day")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "out.txt"], "--output out.txt: unknown ending '.txt'"),
        (["--output", "out"], "--output out: unknown ending ''"),
        (["--output", "no/out.csv"], "--output no/out.csv: can't be written"),
        (["--output", "in.csv"], "--output in.csv: is the input"),
        (["--text-column", "words"], "no column 'words'"),
        (["--abstain-below", "2"], "--abstain-below 2.0: out of range"),
        (["--top-k", "-1"], "--top-k -1: out of range"),
        (["--top-k", "0"], "--top-k 0: out of range; give a whole number from 1 to 1,000"),
        (["--columns", "text"], "--columns: is for a file that is written"),
        (["--restart"], "--restart: is for a file that is written"),
        (["a text"], "give either texts or a file, not both"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(words, message, predict, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.csv", "text\ngood day\n")
    code, out, error = predict(*words, "--input", "in.csv")
    assert (code, out) == (2, "")
    assert message in error
    assert "Traceback" not in error
    assert os.listdir(tmp_path) == ["in.csv"]


def test_more_rows_than_a_sheet_holds_are_refused_before_the_work(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "text\n" + "good day\n" * 1_048_576)
    code, _, error = predict("--input", rows, "--output", tmp_path / "out.xlsx", model=tmp_path / "no model")
    assert code == 2
    assert "1,048,576 rows, and a sheet holds 1,048,575. Give a name that ends in .csv" in error
    assert os.listdir(tmp_path) == ["in.csv"]


def test_a_run_that_writes_the_same_file_is_refused(predict, tmp_path):
    rows = write(tmp_path / "in.csv", "text\ngood day\n")
    with only_writer(tmp_path / "out.csv"):
        code, _, error = predict("--input", rows, "--output", tmp_path / "out.csv")
    assert code == 2
    assert "another run is writing it" in error


def test_help_names_the_options_without_tensorflow(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--top-k" in capsys.readouterr().out
    assert sys.modules["ganclf.predict"]


def test_a_frame_joins_by_position(predict, tmp_path):
    frame = pd.DataFrame({"id": [7, 7, 9], "text": ["good day", None, "bad rain\nawful"]})
    frame.to_csv(tmp_path / "in.csv", index=False)
    predict("--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv")
    found = pd.read_csv(tmp_path / "out.csv")
    pd.testing.assert_frame_equal(found[["id", "text"]], frame, check_dtype=False)
    assert found["label"].isna().tolist() == [False, True, False]
