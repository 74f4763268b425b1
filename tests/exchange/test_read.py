"""Files as they come: letters, separators, headings, sheets; and archives that were made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from kinweave.core.sheets import problems
from kinweave.core.sheets.read import read_table, sheets_of
from kinweave.core.sheets.table import Limits, letter

pytestmark = pytest.mark.sqlite_only  # needs no database

TEXT = "Nom;Âge;Village\nZoé;31;Säo\nAmina;25;Kata\n"


def cells(data: bytes, **more: object) -> list[tuple[object, ...]]:
    return [row.cells for row in read_table(data, "f.csv", **more).rows()]  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_letters_survive_in_every_encoding(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding), "f.csv")
    assert table.columns == ("Nom", "Âge", "Village")
    assert [r.cells for r in table.rows()] == [("Zoé", "31", "Säo"), ("Amina", "25", "Kata")]
    assert ("encoding-guessed" in {n.code for n in table.warnings}) == (encoding == "cp1252")


def test_a_guessed_encoding_never_turns_arabic_names_into_nonsense() -> None:
    text = "الاسم,العمر\n" + "محمد الحسن,31\n" * 20
    with pytest.raises(problems.EncodingUnknown) as caught:
        read_table(text.encode("cp1256"), "f.csv")
    assert "UTF-8" in caught.value.what_to_do
    assert read_table(text.encode("cp1256"), "f.csv", encoding="cp1256").columns == ("الاسم", "العمر")
    with pytest.raises(problems.EncodingUnknown):
        read_table(b"a,b\n1,2\n", "f.csv", encoding="no-such-code")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found_even_where_others_occur(mark: str) -> None:
    rows = [["Name", "Age", "Notes"], ["A", "3", '"x, y; z"'], ["B", "4", '"one\ntwo"'], ["C", "5", '"1,5"']]
    table = read_table("\n".join(mark.join(r) for r in rows).encode(), "f.csv")
    assert table.delimiter == mark
    assert [len(r.cells) for r in table.rows()] == [3, 3, 3]
    assert [r.cells[2] for r in table.rows()][1] == "one\ntwo"


def test_excel_s_own_separator_line_is_obeyed() -> None:
    assert cells(b"sep=;\nName;Age\nA,B;3\n") == [("A,B", "3")]


def test_row_numbers_are_those_a_spreadsheet_shows() -> None:
    table = read_table(b'Name,Age\n\n"a\nb",1\n,\nc,2\n', "f.csv")
    assert [r.number for r in table.rows()] == [3, 5]


def test_short_rows_are_filled_and_long_ones_are_told() -> None:
    rows = list(read_table(b"Name,Age,Sex\nA\nB,1,F,,\nC,1,F,shifted\n", "f.csv").rows())
    assert rows[0].cells == ("A", None, None)
    assert [r.surplus for r in rows] == [(), (), ("shifted",)]


def test_nuls_are_left_out_and_said() -> None:
    table = read_table(b"Name,Age\nAm\0ina,3\nRudo,4\n", "f.csv")
    assert next(table.rows()).cells == ("Amina", "3")
    assert [n.code for n in table.warnings] == ["nul-removed"]


def test_a_quotation_mark_that_never_closes_stops_at_its_row() -> None:
    data = b"Name,Age\nA,1\n" + b'B,"2\n' + b"C,3\n" * 50
    with pytest.raises(problems.QuoteOpen) as caught:
        list(read_table(data, "f.csv").rows())
    assert caught.value.facts == {"row": 3}


def test_headings_below_a_title_are_found() -> None:
    table = read_table(b"Ward 3 list,,,\n,,,\nName,Age,Sex,Village\nA,1,F,X\n", "f.csv")
    assert (table.header_row, table.columns) == (3, ("Name", "Age", "Sex", "Village"))
    assert [n.code for n in table.warnings] == ["header-not-first"]
    assert read_table(b"x,y\nName,Age\nA,1\n", "f.csv", header_row=1).columns == ("x", "y")


def test_a_file_without_headings_is_doubted() -> None:
    assert "header-unsure" in {n.code for n in read_table(b"Amina,31,F\nRudo,25,F\n", "f.csv").warnings}


def test_equal_headings_are_told_apart() -> None:
    assert read_table(b"Name,Name,,Name (2)\nA,B,C,D\n", "f.csv").columns == (
        "Name", "Name (3)", "(column 3)", "Name (2)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(size=20), problems.TooLarge),
        (Limits(rows=1), problems.TooLarge),
        (Limits(columns=2), problems.TooWide),
        (Limits(line=8), problems.RowTooLong),
        (Limits(seconds=-1.0), problems.TooSlow),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_limit_stops_with_its_own_sentence(limits: Limits, expected: type[problems.SheetProblem]) -> None:
    with pytest.raises(expected):
        list(read_table(b"Name,Age,Sex\nA,1,F\nB,2,F\nC,3,F\n", "f.csv", limits).rows())


def test_a_cell_beyond_its_limit_is_told_and_stops_nothing() -> None:
    rows = list(read_table(b"Name,Age\nAAAAAAAAA,1\nB,2\n", "f.csv", Limits(cell=5)).rows())
    assert [r.too_long for r in rows] == [1, 0]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", problems.FileEmpty),
        (b"\n\n", problems.FileEmpty),
        (b"%PDF-1.7 ...", problems.NotATable),
        (b"\x89PNG\r\n", problems.NotATable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, problems.OldOrLocked),
        (b"PK\x03\x04 broken", problems.BrokenWorkbook),
        (bytes(range(1, 9)) * 400, problems.NotATable),
    ],
    ids=["empty", "blank", "pdf", "picture", "old-excel", "broken-zip", "program"],
)
def test_what_is_no_table_is_refused_with_a_remedy(data: bytes, expected: type[problems.SheetProblem]) -> None:
    with pytest.raises(expected) as caught:
        list(read_table(data, "f.csv").rows())
    assert caught.value.what_to_do


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(problems.FileMissing):
        read_table("/nowhere/at-all.csv", "at-all.csv")
    with pytest.raises(problems.FileMissing):
        read_table("a\0b", "f.csv")


# ------------------------------------------------------------------------------------------------ workbooks


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain(book: Workbook) -> None:
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "Age"])
    sheet.append(["Amina", 31])


def repacked(data: bytes, change: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", how) as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, body in change.items():
            new.writestr(name, body)
    return out.getvalue()


def test_merged_headings_and_cells_merged_downwards() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for row in (
            ["Caseload"],
            [],
            ["Person", None, "Contact", None, "Mother", "No"],
            ["Name", "Age", "Phone", "Village", "Name"],
            ["Amina", 31, 712, "Kata", "Zed", 1],
            ["Rudo", 25, 713, None, "Zed", 2],
            ["Tendai", 25, 713, None, "Zed", 3],
        ):
            sheet.append(row)
        for area in ("A1:F1", "A3:B3", "C3:D3", "F3:F4", "D5:D6"):
            sheet.merge_cells(area)

    table = read_table(workbook(fill), "f.xlsx")
    assert table.columns == ("Person / Name", "Age", "Phone", "Village", "Mother / Name", "No")
    assert [(r.number, r.cells[3], r.cells[5]) for r in table.rows()] == [(5, "Kata", 1), (6, "Kata", 2), (7, None, 3)]


def test_several_sheets_are_asked_about_and_hidden_ones_are_told() -> None:
    def two(book: Workbook) -> None:
        plain(book)
        other = book.create_sheet("canary-name")
        other.append(["Name", "Age"])
        other.append(["Rudo", 25])

    data = workbook(two)
    with pytest.raises(problems.ChooseSheet) as caught:
        read_table(data, "f.xlsx")
    assert "canary" not in str(caught.value)
    assert next(read_table(data, "f.xlsx", sheet=2).rows()).cells == ("Rudo", 25)
    assert [(s.number, s.name, s.hidden) for s in sheets_of(data)] == [(1, "Sheet", False), (2, "canary-name", False)]
    with pytest.raises(problems.NoSuchSheet):
        read_table(data, "f.xlsx", sheet=3)

    def hidden(book: Workbook) -> None:
        two(book)
        book.worksheets[1].sheet_state = "hidden"

    table = read_table(workbook(hidden), "f.xlsm")
    assert next(table.rows()).cells == ("Amina", 31)
    assert {n.code for n in table.warnings} == {"hidden-sheets", "macros-ignored"}


def test_far_away_formatting_does_not_make_a_sheet_wide() -> None:
    def fill(book: Workbook) -> None:
        plain(book)
        sheet = book.active
        assert sheet is not None
        sheet["XFD2"].number_format = "0.00"
        sheet["A5000"].number_format = "0.00"

    assert [r.cells for r in read_table(workbook(fill), "f.xlsx").rows()] == [("Amina", 31)]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = b"<x>" + b" " * 60_000_000
    data = repacked(workbook(plain), {"xl/worksheets/sheet1.xml": bomb})
    assert len(data) < 100_000
    with pytest.raises(problems.SuspiciousArchive):
        read_table(data, "f.xlsx")
    with pytest.raises(problems.SuspiciousArchive):
        read_table(workbook(plain), "f.xlsx", Limits(unpacked=1_000))
    with pytest.raises(problems.SuspiciousArchive):
        read_table(workbook(plain), "f.xlsx", Limits(entries=3))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_entities_are_refused_wherever_they_stand(part: str, encoding: str) -> None:
    laughs = (
        f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 70_000} --><!DOCTYPE a [<!ENTITY l "lol">'
        '<!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]><a>&m;</a>'
    )
    data = repacked(workbook(plain), {part: laughs.encode(encoding)})
    with pytest.raises(problems.SuspiciousArchive) as caught:
        read_table(data, "f.xlsx")
    assert caught.value.facts == {"reason": "entity declarations"}


def test_damaged_workbooks_stop_with_one_sentence() -> None:
    whole = workbook(plain)
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        with pytest.raises(problems.SheetProblem):
            list(read_table(repacked(whole, {name: b"<oops"}), "f.xlsx").rows())
    with pytest.raises(problems.NotATable):
        read_table(repacked(whole, {"mimetype": b"x", "content.xml": b"<a/>"}), "f.ods")
    with pytest.raises(problems.SheetProblem):
        list(read_table(whole[: len(whole) // 2], "f.xlsx").rows())


def test_a_zipped_export_is_to_be_unpacked_first() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("submissions.csv", "a,b")
    for data in (out.getvalue(), b"\x1f\x8b\x08rest"):
        with pytest.raises(problems.Packed) as caught:
            read_table(data, "export.zip")
        assert "Unpack" in caught.value.what_to_do


def test_letters_of_columns() -> None:
    assert [letter(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
