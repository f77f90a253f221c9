"""From bytes to records: what can't be read is a problem of its line, or of the whole file."""

from pathlib import Path

import pytest

from services.platform.imports.reading import (
    MAX_LINE_BYTES,
    ImportFormat,
    Unreadable,
    records,
)


def read(tmp_path: Path, content: bytes, format: ImportFormat) -> list[tuple]:
    """(line, values) of good records, (line, code) of bad ones."""
    file = tmp_path / "file"
    file.write_bytes(content)
    return [
        (each.line, each.problem.code if each.problem else dict(each.values))
        for each in records(file, format)
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_csv_is_read_with_or_without_byte_order_mark_and_with_any_line_ending(
    tmp_path: Path, mark: bytes, ending: bytes
) -> None:
    lines = [b"sku,name", b'A1,"a ""good"", one"', b"", "B2,\u706f".encode()]

    found = read(tmp_path, mark + ending.join(lines), ImportFormat.CSV)

    assert found == [
        (2, {"sku": "A1", "name": 'a "good", one'}),
        (4, {"sku": "B2", "name": "灯"}),
    ]


def test_a_cell_of_several_lines_counts_them(tmp_path: Path) -> None:
    found = read(tmp_path, b'sku,summary\nA,"one\ntwo"\nB,three\n', ImportFormat.CSV)

    assert found == [
        (2, {"sku": "A", "summary": "one\ntwo"}),
        (4, {"sku": "B", "summary": "three"}),
    ]


def test_bad_lines_of_a_csv_do_not_stop_the_good_ones(tmp_path: Path) -> None:
    content = b"sku,name\nA,one\nB\nC,caf\xe9\nD,x,y\nF,last\n"

    found = read(tmp_path, content, ImportFormat.CSV)

    assert found[0] == (2, {"sku": "A", "name": "one"})
    assert found[1:4] == [(3, "MALFORMED"), (4, "NOT_UTF_8"), (5, "MALFORMED")]
    assert found[-1] == (6, {"sku": "F", "name": "last"})


def test_bad_lines_of_jsonl_do_not_stop_the_good_ones(tmp_path: Path) -> None:
    long = b'{"sku": "' + b"x" * MAX_LINE_BYTES + b'"}'
    lines = [b'{"sku": "A"}', b"{sku", b"[1]", b'{"sku": "\xff"}', long, b"", b'{"sku": "Z"}']

    found = read(tmp_path, b"\n".join(lines), ImportFormat.JSONL)

    assert found == [
        (1, {"sku": "A"}),
        (2, "MALFORMED"),
        (3, "MALFORMED"),
        (4, "NOT_UTF_8"),
        (5, "TOO_LONG"),
        (7, {"sku": "Z"}),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xff\xfes\x00k\x00u\x00", "UTF-16"),
        (b"\x89PNG\x00\x00", "not a text"),
        (b"name,price\nA,1\n", "needs the column sku"),
        (b"sku;name\nA;b\n", "separate them by commas"),
        (b"sku,prise\nA,1\n", "'prise'"),
        (b"sku,name,name\nA,b,c\n", "twice"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_as_a_whole(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(Unreadable, match=told):
        read(tmp_path, content, ImportFormat.CSV)


def test_an_empty_jsonl_has_no_records(tmp_path: Path) -> None:
    assert read(tmp_path, b"\n\n", ImportFormat.JSONL) == []
