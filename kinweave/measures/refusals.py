"""When a number would mislead, there is none: every refusal of the library, with what to do instead.

Facts are names of columns, numbers of rows, counts and limits. Never a value: a value may be somebody's answer.
"""

from __future__ import annotations

from kinweave.core.problems import Problem


class NoColumn(Problem):
    code = "no-column"
    says = "There is no column {column}."
    remedy = "The columns are: {columns}. Name the one you mean, written as in the file."


class NotANumber(Problem):
    code = "not-a-number"
    says = "Row {row}, column {column}: this is not a number that can be counted with."
    remedy = "Write a number such as 12 or 3.5, or leave the cell empty. Rows are counted from 1, without the heading."


class NotAllowedHere(Problem):
    code = "not-allowed-here"
    says = "Row {row}, column {column}: {rule}."
    remedy = "Correct the row. Rows are counted from 1, without the heading."


class UnequalColumns(Problem):
    code = "unequal-columns"
    says = "Column {column} has {rows} rows, others have {others}."
    remedy = "Every column needs one value for each row; leave a cell empty where there is none."


class NotReadable(Problem):
    code = "not-readable"
    says = "The data cannot be read as a table: {found}."
    remedy = "Give a data frame (pandas, polars, pyarrow), an Ibis table, or a dictionary of columns."


class TwiceTheSame(Problem):
    code = "twice-the-same"
    says = "{found} pairs of {keys} stand more than once in the table."
    remedy = "Keep one row for each. The first is in row {row}."


class ChangesWithin(Problem):
    code = "changes-within"
    says = "Column {column} changes within {found} persons; a group must be the same at every visit."
    remedy = "Use the group at the start, for example, in every row of a person."


class TooFew(Problem):
    code = "too-few"
    says = "Too few {what}: {found}, and this needs at least {needed}."
    remedy = "Show the plain counts instead, or wait until there are more."


class TooMany(Problem):
    code = "too-many"
    says = "Too many {what}: {found}, at most {limit}."
    remedy = "{instead}"


class NoSpread(Problem):
    code = "no-spread"
    says = "All values of {column} are the same, so there is nothing to estimate."
    remedy = "Say the one value and how many people had it."


class Separated(Problem):
    code = "separated"
    says = "In {found} of the groups of {column} everybody or nobody has the outcome: a difference has no finite value."
    remedy = "Merge these groups with others, or leave {column} out, and show the plain counts."


class CannotTell(Problem):
    code = "cannot-tell"
    says = "The data cannot tell this: {why}."
    remedy = "{instead}"


class OutOfRange(Problem):
    status = 500
    code = "out-of-range"
    says = "The calculation of {what} left the range of numbers, so nothing is shown."
    remedy = "Write the values in another unit (thousands, for example) and try again."


class BadChoice(Problem):
    code = "bad-choice"
    says = "{name} cannot be that."
    remedy = "It must be {allowed}."


class NotAddable(Problem):
    code = "not-addable"
    says = "These tables of sums cannot be added: {why}."
    remedy = "Let every site write its sums again with the same version, columns, times and units."


class NotTheSums(Problem):
    code = "not-the-sums"
    says = "This is not a table of sums that can be used: {why}."
    remedy = "Ask the site to write it again."
