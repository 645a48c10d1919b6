"""Separator, quoting and header are found from the content, and every line is accounted for."""

import csv
import io
import random

import pytest

from ganclf.data import blocks, open_table, read_table
from ganclf.data.blocks import BlockReader
from ganclf.data.dialect import MAX_COLUMNS, Dialect
from ganclf.data.regular_quotes import end_of_regular_quotes
from ganclf.errors import DataError, FieldCountError, OpenQuoteError, TooManyColumnsError

TEXTS = {
    "en": ["The lamp is broken and I want my money back", "Where is my parcel", "I can not log in any more"],
    "zh": ["台灯坏了，我要退款", "我的包裹在哪里", "我的账号登录不上"],
    "ru": ["Лампа сломана, верните деньги", "Где моя посылка", "Не могу войти в аккаунт"],
}
LABELS = ["refund", "delivery", "account"]


def rows_of(language: str = "en", count: int = 12) -> list[tuple[str, str]]:
    return [(f"{TEXTS[language][i % 3]} {i}", LABELS[i % 3]) for i in range(count)]


def lines_of(pairs, separator=",", header="text{}label", quote=False, end="\n") -> bytes:
    """A file that is written by hand, without escaping."""
    mark = '"' if quote else ""
    lines = [header.format(separator)] if header else []
    lines += [f"{mark}{text}{mark}{separator}{mark}{label}{mark}" for text, label in pairs]
    return (end.join(lines) + end).encode()


def pairs_in(table) -> list[tuple[str, str]]:
    text, label = (table.column(name) for name in table.names[:2])
    return list(zip(text, label, strict=True))


def notes_of(table) -> str:
    return "; ".join(table.notes)


def check_lines(table, content: bytes) -> None:
    """The counts add up to the lines of the file, and rows are those of the table."""
    counts = table.lines
    parts = (counts.header, counts.rows, counts.in_quoted_fields, counts.blank, counts.left_out)
    assert sum(parts) == counts.lines == len(io.StringIO(content.decode("utf-8-sig"), newline=None).readlines())
    assert counts.rows == len(table)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("count", [3, 12, 5_000])
def test_separators_and_line_ends_are_found(language, separator, end, count):
    pairs = [(text.replace(",", ""), label) for text, label in rows_of(language, count)]
    content = lines_of(pairs, separator, end=end)
    table = read_table(content)
    assert pairs_in(table) == pairs
    assert table.lines.lines == count + 1
    assert table.lines.rows == count


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.txt", "rows"])
@pytest.mark.parametrize("place", [0, 3, 11])
def test_a_lone_quote_at_the_start_of_a_text_is_part_of_it(name, place):
    pairs = rows_of()
    pairs[place] = ('"' + pairs[place][0], pairs[place][1])
    pairs[5] = (pairs[5][0] + ' 5" screen', pairs[5][1])
    content = lines_of(pairs, "\t")
    table = read_table(content, name=name)
    assert pairs_in(table) == pairs
    assert "double quotes are read as part of the texts" in notes_of(table)
    assert table.settings["quoting"] == "none"
    check_lines(table, content)


def test_quotes_that_pair_up_over_rows_swallow_none():
    pairs = rows_of("en", 60)
    pairs[10] = ('"' + pairs[10][0], pairs[10][1])
    pairs[40] = (pairs[40][0] + '"', pairs[40][1])
    table = read_table(lines_of(pairs, "\t"))
    assert pairs_in(table) == pairs
    assert "else row 12 would hold 31 lines that each look like a row" in notes_of(table)


def test_a_swallowed_row_among_quoted_ones_is_refused_and_the_user_decides():
    pairs = rows_of("en", 60)
    lines = [f"{text},{label}" for text, label in pairs]
    lines[3] = '"one, two",refund'
    lines[10] = '"' + lines[10]
    lines[40] = lines[40].replace(",", '",')
    content = ("text,label\n" + "\n".join(lines)).encode()
    with pytest.raises(
        OpenQuoteError, match="row 12: a quoted text holds 31 lines that each look like a row"
    ) as caught:
        read_table(content)
    assert caught.value.row == 12
    assert len(read_table(content, quoting="double")) == 30


def test_quoted_texts_of_many_lines_stay_whole():
    text = 'Dear team,\nI wrote on 3 May, and again, "twice".\n\nBest,\nAnna'
    pairs = [(f"{text} {i}", LABELS[i % 3]) for i in range(30)]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerows([("text", "label"), *pairs])
    table = read_table(file.getvalue().encode())
    assert pairs_in(table) == pairs
    assert table.notes == ()
    assert (table.lines.rows, table.lines.in_quoted_fields) == (30, 120)


def test_line_ends_in_quotes_behind_the_first_rows_are_counted():
    pairs = rows_of("en", 30_000)
    pairs[29_000] = ("one\r\ntwo,\nthree", "refund")
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("text", "label"), *pairs])
    table = read_table(file.getvalue().encode())
    assert pairs_in(table) == pairs
    assert table.lines.in_quoted_fields == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_backslashes_ahead_of_quotes(separator):
    pairs = [(f'He said "hi"{separator} twice, {i} C:\\temp', LABELS[i % 3]) for i in range(20)]
    lines = [f"text{separator}label"]
    lines += ['"{}"{}"{}"'.format(text.replace('"', '\\"'), separator, label) for text, label in pairs]
    table = read_table("\n".join(lines).encode())
    assert pairs_in(table) == pairs
    assert "backslash" in notes_of(table)
    assert pairs_in(read_table("\n".join(lines).encode(), quoting="backslash")) == pairs


def test_tabs_and_line_ends_behind_a_backslash_are_part_of_the_text():
    pairs = [(f"one\ttwo\nthree {i}", LABELS[i % 3]) for i in range(20)]
    lines = ["{}\t{}".format(text.replace("\t", "\\\t").replace("\n", "\\\n"), label) for text, label in pairs]
    table = read_table(("\n".join(lines) + "\n").encode(), name="dump.txt")
    assert pairs_in(table) == pairs
    assert table.lines.in_quoted_fields == 20


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_backslash_at_the_end_of_texts_protects_no_separator(count):
    pairs = [
        (f'said ""{i}"" in C:\\dir\\' if i % 7 == 0 and i < 7 * count else f"text {i}", LABELS[i % 3])
        for i in range(300)
    ]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("text", "label"), *pairs])
    for content in (file.getvalue(), "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in pairs)):
        assert pairs_in(read_table(content.encode())) == pairs


def test_missing_values_of_databases_are_empty():
    table = read_table(b"id\ttext\tlabel\n1\tlost\t\\N\n2\tfound\tyes\n")
    assert table.column("label") == ["", "yes"]
    assert "missing ones: 1" in notes_of(table)


@pytest.mark.parametrize("separator", [", ", "; ", ",  "])
def test_blanks_behind_separators_do_not_hide_quotes(separator):
    pairs = [(f"one, two; three {i}", LABELS[i % 3]) for i in range(20)]
    lines = [f'"text"{separator}"label"', *(f'"{text}"{separator}"{label}"' for text, label in pairs)]
    table = read_table("\n".join(lines).encode())
    assert pairs_in(table) == pairs
    assert table.names == ("text", "label")


@pytest.mark.parametrize(
    "above", ["sep={}\n", "\n\n", "Messages of May\n\n", "Messages of May{0}\n{0}\n", "Export\nby Anna\n"]
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_lines_above_the_header_are_left_out(above, separator):
    pairs = rows_of()
    top = above.format(separator)
    content = top.encode() + lines_of(pairs, separator)
    table = read_table(content)
    assert (table.names, pairs_in(table)) == (("text", "label"), pairs)
    assert table.row_numbers[0] == top.count("\n") + 2
    check_lines(table, content)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_repeated_headers_and_totals_are_left_out(separator):
    pairs = rows_of("en", 24)
    content = lines_of(pairs[:12], separator) + b"\xef\xbb\xbf" + lines_of(pairs[12:], separator)
    content += separator.join(["Total", "24"]).encode() + b"\n"
    table = read_table(content)
    assert pairs_in(table) == pairs
    assert "repeat the header and were left out: row 14" in notes_of(table)
    assert "totals that were left out: row 27" in notes_of(table)
    assert (table.lines.header, table.lines.left_out) == (1, 2)


@pytest.mark.parametrize("total", ["合计,24", "Summe,24", "Total: 24", "(24 rows)", "Итого,24"])
def test_totals_are_known_in_many_languages(total):
    pairs = rows_of("en", 24)
    table = read_table(lines_of(pairs) + total.encode())
    assert pairs_in(table) == pairs


def test_a_text_that_is_called_total_stays():
    pairs = [*rows_of("en", 24), ("Total", "refund")]
    assert pairs_in(read_table(lines_of(pairs))) == pairs


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("count", [12, 5_000])
def test_a_file_without_a_header_is_found(language, separator, count):
    pairs = [(text.replace(",", ""), label) for text, label in rows_of(language, count)]
    content = lines_of(pairs, separator, header="")
    table = read_table(content)
    assert (table.names, table.has_header) == (("column 1", "column 2"), False)
    assert pairs_in(table) == pairs
    assert "row 1 is read as a row like the others" in notes_of(table)
    assert list(table.row_numbers) == list(range(1, count + 1))


def test_the_user_says_whether_there_is_a_header():
    content = b"foo,bar\none,two\n"
    assert read_table(content).names == ("foo", "bar")
    assert len(read_table(content, header=False)) == 2
    assert read_table(lines_of(rows_of(), header=""), header=True).names == (
        "The lamp is broken and I want my money back 0",
        "refund",
    )


def test_names_that_this_program_made_up_are_a_header_all_the_same():
    table = read_table(b"column 1,column 2,guess\nlost,,refund\n", header=False)
    assert (table.names[0], len(table)) == ("column 1", 1)


@pytest.mark.parametrize(
    "header", ["Was ist, kurz gesagt, passiert?;Team", '"What happened; in short?";"Team"', "发生了什么,简单说?;部门"]
)
def test_a_header_may_hold_other_separators(header):
    pairs = [(text.replace(",", ""), label) for text, label in rows_of()]
    table = read_table(lines_of(pairs, ";", header=header, quote=header.startswith('"')))
    assert pairs_in(table) == pairs
    assert len(table.names) == 2


@pytest.mark.parametrize("order", ["text first", "label first"])
def test_commas_without_quotes_in_the_only_text_are_read_with_a_note(order):
    pairs = [(f"{i}. {TEXTS['en'][i % 3]}, and so on, please", LABELS[i % 3]) for i in range(30)]
    pairs[4] = ("plain", "refund")
    names = ["text", "label"] if order == "text first" else ["label", "text"]
    rows = pairs if order == "text first" else [pair[::-1] for pair in pairs]
    content = "\n".join([",".join(names), *(",".join(row) for row in rows)]).encode()
    table = read_table(content)
    assert list(zip(table.column("text"), table.column("label"), strict=True)) == pairs
    assert "rows in which texts of column 'text' hold ',' without quotes: 29" in notes_of(table)


def test_surplus_fields_that_fit_nowhere_are_refused():
    with pytest.raises(FieldCountError, match="row 3: 4 fields where the header has 2") as caught:
        read_table(b"text,label\none,a\ntwo,three,four,five\n")
    assert (caught.value.row, caught.value.found, caught.value.expected) == (3, 4, 2)


def test_a_text_that_was_torn_by_a_line_end_is_refused():
    lines = ["id,text,label", *(f"{i},{text},{label}" for i, (text, label) in enumerate(rows_of("en", 20)))]
    lines[7:8] = ["6,The lamp", "is broken,refund"]
    with pytest.raises(FieldCountError, match="row 9: 2 fields where the header has 3"):
        read_table("\n".join(lines).encode())


def test_rows_that_lack_their_last_fields_are_filled_with_a_note():
    table = read_table(b"text,label\none,a\ntwo\nthree,b\n")
    assert table.column("label") == ["a", "", "b"]
    assert "rows with fewer fields than columns: 1 (the first is row 3)" in notes_of(table)


def test_columns_without_a_name_are_left_out_where_they_are_empty_and_kept_where_not():
    rows = "".join(f"ham,text {i},,\n" for i in range(20))
    assert read_table(f"v1,v2,,\n{rows}".encode()).names == ("v1", "v2")
    table = read_table(f"v1,v2,,\n{rows}spam,cut, here,\n".encode())
    assert table.names == ("v1", "v2", "column 3")
    assert table.column("column 3")[-1] == " here"
    assert "--text-column 'v2' 'column 3' joins them" in notes_of(table)


def test_second_headers_of_surveys_are_left_out():
    rows = "".join(f"{i},2024-05-0{i % 9 + 1},{text},{label}\n" for i, (text, label) in enumerate(rows_of("en", 30)))
    head = 'id,date,what,team\nResponse ID,Start Date,What happened?,Which team?\n"{""ImportId"":1}","{}","{}","{}"\n'
    table = read_table((head + rows).encode())
    assert len(table) == 30
    assert (table.lines.left_out, table.row_numbers[0]) == (2, 4)


@pytest.mark.parametrize("prose", ["I like it, really. {}", "Ja, das ist gut; wirklich, {}", "很好,下次再来{}"])
def test_prose_is_no_table(prose):
    content = "\n".join(prose.format(i) for i in range(20)).encode()
    table = read_table(content, name="notes.txt")
    assert (table.kind, table.names) == ("text", ("text",))
    assert table.column("text") == content.decode().split("\n")


def test_a_header_of_one_column_makes_commas_part_of_the_texts():
    table = read_table(b'text\none, two\nthree\n"four, five"\n')
    assert table.column("text") == ["one, two", "three", "four, five"]


@pytest.mark.parametrize("seed", range(300))
def test_both_parsers_give_the_same_rows(seed, monkeypatch):
    choose = random.Random(seed)
    text = "".join(choice for choice in choose.choices('ab,"\n\r 文', k=choose.randint(1, 40)))
    dialect = Dialect(choose.choice([",", None]), choose.choice(["double", "none"]))
    size = choose.choice([3, 20, 1_000])
    monkeypatch.setattr("ganclf.data.blocks._BLOCK_BYTES", size)

    def read(regular: bool):
        reader = BlockReader("f", dialect, 1 if dialect.separator is None else 2, keep_all=True)
        if not regular:
            reader._regular_end = lambda data, final: 0  # type: ignore[method-assign]
        pieces = [text[start : start + size].encode() for start in range(0, len(text), size)]
        rows = [
            (int(number), *(column[i].as_py() for column in block.columns))
            for block in reader.blocks(pieces, 0)
            for i, number in enumerate(block.numbers)
        ]
        return rows, reader.survey

    assert read(True) == read(False)


@pytest.mark.parametrize("rows", [1, 7, 8_192])
def test_batches_are_the_table(rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("text", "label"), *rows_of("zh", 20_000)])
    content = file.getvalue().encode()
    table = read_table(content)
    with open_table(content) as stream:
        assert (stream.names, stream.notes, stream.rows) == (table.names, table.notes, 20_000)
        batches = list(stream.batches(rows)) if rows > 1 else []
    assert all(len(batch) <= rows for batch in batches)
    if batches:
        assert [text for batch in batches for text in batch.column("text")] == table.column("text")
        assert [number for batch in batches for number in batch.row_numbers] == list(table.row_numbers)


def test_a_row_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr("ganclf.data.blocks.MAX_ROW_BYTES", 1 << 21)
    content = b'text,label\n"' + b"word \n" * 1_000_000 + b'",x\n'
    with pytest.raises(DataError, match="row 2: more than 2 MB"):
        read_table(content)


@pytest.mark.parametrize(
    "rows",
    [
        ["hello where is my parcel,delivery", "please pay me back,refund", "cannot log in today,account"],
        ["还没有收到我的包裹,快递", "请把钱退款给我,退款", "账号登录不了怎么办,账号"],
    ],
)
def test_the_first_of_three_rows_without_names_is_not_lost(rows):
    table = read_table("\n".join(rows).encode())
    assert table.read(table.names[0]) == [row.split(",")[0] for row in rows]


@pytest.mark.parametrize("parts", [1, 2, 5, 9])
def test_a_header_may_be_repeated_above_few_rows(parts):
    table = read_table(("text,label\nwhere is my parcel,delivery\npay me back,refund\n" * parts).encode())
    assert (table.names, len(table)) == (("text", "label"), 2 * parts)


WRONG = "--separator {named} gives {what}; {right} gives {width} columns in every row"
UNEVEN, ONE = "rows with different numbers of fields", "one column"


@pytest.mark.parametrize(
    ("content", "named", "right", "width"),
    [
        ('id,text,label\n1,"where is it, please",a\n2,"bye; now",b\n3,hello,a\n', "';'", "','", 3),
        ('text;label\n"where is it; please";delivery\n"no, thanks";refund\nhello, you;refund\n', "','", "';'", 2),
        ("text\tlabel\nhello, you\ta\nbye; all\tb\nok\tc\n", "','", "tab", 2),
    ],
)
def test_a_separator_that_does_not_fit_is_refused_with_the_one_that_does(content, named, right, width):
    with pytest.raises(DataError) as caught:
        read_table(content.encode(), name="a.csv", separator=named.strip("'"))
    wrong = WRONG.format(named=named, what=UNEVEN, right=right, width=width)
    assert str(caught.value) == f"a.csv: {wrong}: add --separator {right}, or leave the option out."


def test_a_separator_that_makes_one_column_gets_a_note():
    content = b'text;label\n"where is it; please";delivery\n"no thanks";refund\n'
    note = WRONG.format(named="tab", what=ONE, right="';'", width=2)
    assert note in read_table(content, separator="tab").notes
    assert not read_table(content, separator=";").notes
    assert not any("gives" in note for note in read_table(b"text\nhello there\ngood bye\n", separator="tab").notes)


def test_a_row_that_goes_on_over_many_pieces_is_not_read_anew_with_each(monkeypatch):
    looked: list[int] = []

    def count(data: bytes, separator: int, final: bool) -> int:
        looked.append(len(data))
        return end_of_regular_quotes(data, separator, final)

    monkeypatch.setattr(blocks, "end_of_regular_quotes", count)
    reader = BlockReader("a.csv", Dialect(","), 2)
    pieces = [b'a,"' + b"x" * 2**20, *[b"x" * 2**20] * 31, b'"\n']
    rows = list(reader.blocks(pieces, 0))
    assert (reader.survey.rows, len(rows)) == (1, 1)
    assert sum(looked) <= 4 * sum(map(len, pieces))


@pytest.mark.parametrize("separator", [None, ","])
def test_more_columns_than_the_limit_are_refused(separator):
    assert len(read_table(wide(MAX_COLUMNS), separator=separator).names) == MAX_COLUMNS
    with pytest.raises(TooManyColumnsError, match=r"^w.csv: a row has more than 4,096 columns\. Give a table"):
        read_table(wide(MAX_COLUMNS + 1), name="w.csv", separator=separator)


def wide(columns: int) -> bytes:
    names = ",".join(f"c{number}" for number in range(columns))
    return (names + "\n" + ",".join(["x"] * columns) + "\n").encode()


def test_a_long_text_of_many_commas_is_no_row_of_many_columns():
    prose = "one, two, " * 5000
    assert len(read_table(f"text\tlabel\n{prose}\ta\nshort\tb\n".encode()).names) == 2
    assert read_table(f"{prose}\nshort\n".encode(), name="a.txt").kind == "text"


def lone_quotes(first: int, last: int, label_first: bool, separator: str) -> bytes:
    """A file without quoting, in which one text begins with a double quote and a later one ends with one."""
    rows = [[f"message {number} on the parcel", f"case {number} of May"] for number in range(31)]
    rows[first][0] = '"' + rows[first][0]
    rows[last][0] += '"'
    table = [["text", "note"], *rows]
    return "".join(separator.join(row[::-1] if label_first else row) + "\n" for row in table).encode()


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("label_first", [True, False])
@pytest.mark.parametrize(("first", "last"), [(5, 6), (5, 8), (0, 30)])
def test_two_lone_quotes_do_not_swallow_the_rows_between(first, last, label_first, separator):
    table = read_table(lone_quotes(first, last, label_first, separator))
    assert (len(table), table.settings["quoting"]) == (31, "none")
    assert table.read("text")[first].startswith('"message')
    assert any("double quotes are read as part of the texts: else" in note for note in table.notes)


@pytest.mark.parametrize("tail", ["thanks, bye", "one\tthing\tmore", "no"])
def test_texts_of_several_lines_stay_whole_where_their_lines_are_no_rows(tail):
    rows = [[f"case {number} of May", f"message {number} on the parcel"] for number in range(31)]
    rows[7][1] += f"\n{tail}"
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([["note", "text"], *rows])
    assert read_table(file.getvalue().encode()).read("text") == [row[1] for row in rows]


def test_a_text_of_two_lines_among_escaped_quotes_stays_whole():
    rows = [(f"message {number} on the parcel", LABELS[number % 3]) for number in range(60)]
    lines = [f"{text},{label}" for text, label in rows]
    lines[0] = '"message 0, the \\"new\\" one",refund'
    lines[41] = '"message 41\r\nof May",'
    lines[6], lines[50] = '"message 6,",', '"5\\" screen",refund'
    table = read_table(("text,label\n" + "\n".join(lines) + "\n").encode())
    assert (len(table), table.settings["quoting"]) == (60, "double quotes, escaped by backslash")
    assert table.read("text")[41] == "message 41\r\nof May"


@pytest.mark.parametrize("separator", [None, ","])
def test_separators_within_one_quoted_cell_are_no_columns(separator):
    vector = "[" + ", ".join(["0.1"] * (MAX_COLUMNS + 5)) + "]"
    rows = "".join(f'good morning number {number},{"ab"[number % 2]},"{vector}"\n' for number in range(6))
    table = read_table(f"text,label,vec\n{rows}".encode(), separator=separator)
    assert table.names == ("text", "label", "vec")
    assert table.read("vec")[0] == vector


@pytest.mark.parametrize("separator", [None, ";"])
def test_commas_of_a_long_text_are_no_columns_where_the_header_has_none(separator):
    long = "a, " * (MAX_COLUMNS + 5) + "end"
    table = read_table(f"text\ngood morning\ngood evening\n{long}\n".encode(), name="x.csv", separator=separator)
    assert list(table.read("text")) == ["good morning", "good evening", long]
