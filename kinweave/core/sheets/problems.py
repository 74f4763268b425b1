"""What can stop a whole file. Rows and columns are named by number and letter, never by content."""

from __future__ import annotations

from kinweave.core.problems import Problem


class SheetProblem(Problem):
    """Base of everything that stops a spreadsheet from being read."""

    status = 422
    code = "sheet-unreadable"
    says = "We could not read this file as a table."
    remedy = "Open it in a spreadsheet program, save it as CSV UTF-8 or XLSX, and try again."


class FileMissing(SheetProblem):
    code = "sheet-missing"
    says = "The file could not be opened."
    remedy = "Check that it is still there and that you may read it."


class FileEmpty(SheetProblem):
    code = "sheet-empty"
    says = "The file has no rows."
    remedy = "Check that the right file and the right sheet were chosen."


class NotATable(SheetProblem):
    code = "sheet-not-a-table"
    says = "This is not a CSV or XLSX file. It looks like: {looks_like}."


class Packed(NotATable):
    code = "sheet-packed"
    says = "This is a compressed folder, not a table."
    remedy = "Unpack it first and choose the CSV or XLSX file inside."


class OldOrLocked(SheetProblem):
    code = "sheet-old-or-locked"
    says = "This is an old Excel file (.xls) or one with a password."
    remedy = "Open it in a spreadsheet program and save it as XLSX without a password."


class EncodingUnknown(SheetProblem):
    code = "sheet-encoding"
    says = "We cannot tell how the letters in this file are stored. The first unclear place is at byte {byte}."
    remedy = "Save the file as 'CSV UTF-8', or say which encoding it has."


class TooLarge(SheetProblem):
    status = 413
    code = "sheet-too-large"
    says = "The file is larger than {limit} {unit}."
    remedy = "Split it into smaller files, or ask the person who looks after this site to raise the limit."


class TooWide(SheetProblem):
    code = "sheet-too-wide"
    says = "Row {row} has more than {limit} columns."
    remedy = "Delete the columns that are not needed and try again."


class TooSlow(SheetProblem):
    code = "sheet-too-slow"
    says = "Reading took longer than {limit} seconds and was stopped at row {row}."
    remedy = "Split the file into smaller files and try again."


class RowTooLong(SheetProblem):
    code = "sheet-row-too-long"
    says = "Row {row} is too long to be a row of a table."
    remedy = "Look at the row for a missing line break or a quotation mark that never closes."


class QuoteOpen(SheetProblem):
    code = "sheet-quote-open"
    says = "Row {row} has a quotation mark that never closes, so the rows after it run together."
    remedy = 'Close or remove the quotation mark (") in that row and try again.'


class SuspiciousArchive(SheetProblem):
    code = "sheet-suspicious"
    says = "This workbook unpacks in a way that real ones do not ({reason})."
    remedy = "Copy its cells into a new workbook and save that one."


class BrokenWorkbook(SheetProblem):
    code = "sheet-broken"
    says = "The workbook is damaged and could not be read past row {row}."
    remedy = "Open it in a spreadsheet program, let it repair the file, and save it again."


class ChooseSheet(SheetProblem):
    code = "sheet-choose"
    says = "This workbook has {count} sheets with rows."
    remedy = "Say which one to read, by its number."


class NoSuchSheet(SheetProblem):
    code = "sheet-not-found"
    says = "There is no sheet number {number}; the workbook has {count}."
    remedy = "Choose a number from 1 to {count}."


class NoSuchColumn(SheetProblem):
    code = "sheet-column-unknown"
    says = "The map names {count} column(s) that this file does not have."
    remedy = "Compare the headings in the map with those in the file."


class MapWrong(SheetProblem):
    code = "sheet-map-wrong"
    says = "The map cannot be used: {reason}."
    remedy = "Mend the map, or let Kinweave suggest one."
