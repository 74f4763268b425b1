"""A caseload read: headings in six languages, cells as people fill them, doubles shown, faults without content."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from kinweave.core.sheets import problems
from kinweave.core.sheets.columns import suggest_columns
from kinweave.core.sheets.people import FIELDS, parse_people, study_people
from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.rows import RowResult
from kinweave.core.sheets.table import Table
from kinweave.core.sheets.words import data, lookup
from tests.exchange.make_exports import TODAY, messy_caseload

pytestmark = pytest.mark.sqlite_only  # needs no database

SPACE = UUID("6f2c5a2e-0000-4000-8000-000000000001")


def table(text: str) -> Table:
    return read_table(text.encode(), "people.csv")


def people(text: str, today: date = TODAY, **more: object) -> list[RowResult]:
    read = table(text)
    mapping = {s.column: s.field for s in suggest_columns(read) if s.field}
    return list(parse_people(read, mapping, today=today, namespace=SPACE, **more))  # type: ignore[arg-type]


def one(**cells: str) -> RowResult:
    heads = {"name": "Name", "birth": "Date of birth", "age": "Age", "year": "Year of birth", "sex": "Sex",
             "phone": "Phone", "consent": "Consent", "id": "Client ID", "joined": "Date of registration",
             "language": "Language"}  # fmt: skip
    quoted = ('"' + c.replace('"', '""') + '"' for c in cells.values())
    read = table(",".join(heads[c] for c in cells) + "\n" + ",".join(quoted) + "\n")
    names = dict(zip((heads[c] for c in cells), (
        {"birth": "birth_date", "year": "birth_year", "sex": "gender", "consent": "consent_care", "id": "external_id",
         "joined": "registered_on"}.get(c, c) for c in cells), strict=True))  # fmt: skip
    return next(parse_people(read, names, today=TODAY, namespace=SPACE))


@pytest.mark.parametrize("field", FIELDS)
def test_every_known_heading_is_suggested_for_its_field(field: str) -> None:
    for words in data("headers.toml")[field].values():
        for word in words:
            found = suggest_columns(read_table(f"{word};zzz\n".encode(), "f.csv", header_row=1, delimiter=";"))[0]
            shared = [f for f in FIELDS if any(word in w for w in data("headers.toml")[f].values())]
            assert found.field == shared[0]
            assert found.confidence > 0.4
            assert found.why.startswith("The heading")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("DATE OF BIRTH (dd/mm/yyyy)", "birth_date"),
        ("Intake/Client name", "name"),
        ("phoneNumber", "phone"),
        ("Telefone  do utente", "phone"),
        ("Vilage", "place"),
        ("Regstration date", "registered_on"),
        ("Colour of roof", None),
    ],
)
def test_headings_written_otherwise(heading: str, field: str | None) -> None:
    assert suggest_columns(table(f'"{heading}",zzz\n'))[0].field == field


def test_a_line_number_is_not_taken_for_a_person_s_number() -> None:
    found = suggest_columns(table("No,Name\n" + "".join(f"{n},A{n}\n" for n in range(1, 9))))
    assert [s.field for s in found] == [None, "name"]
    kept = suggest_columns(table("No,Name\nK-7,A\nK-9,B\nK-1,C\n"))
    assert [s.field for s in kept] == ["external_id", "name"]


def test_no_suggestion_speaks_of_what_cells_hold() -> None:
    found = suggest_columns(table("Name,DOB\nCanary,Canary\n"))
    assert not any("anary" in s.why or "anary" in repr(s) for s in found)


def test_one_row_whole() -> None:
    got = people(
        "Client ID;Jina kamili;Umri;Jinsia;Simu;Kijiji;Tarehe ya usajili;Ridhaa;Name of guardian;Lugha\n"
        "K-12;  Amina\u202e  Juma ;about 23 yrs;KE;0712 345 678 / +255 713-111222;"
        "Kata 3;25/4/2024;Ndiyo;Zed;Kiswahili\n"
    )[0]
    assert got.faults == ()
    values = dict(got.values or {})
    birth, joined = values.pop("birth"), values.pop("registered_on")
    assert (joined.on, joined.precision) == (date(2024, 4, 25), "day")
    assert (birth.year, birth.precision) == (2000, "about")
    assert values == {
        "external_id": "K-12", "name": "Amina Juma", "age": 23, "gender": "woman", "place": "Kata 3",
        "phones": ("0712345678", "+255713111222"), "consent_care": "yes", "supporter": "Zed", "language": "sw",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["محمد الحسن", "अमीना", "አበበ", "李明", "O'Brien-Ñúñez", "Nguyễn Thị", "می‌خواهم", "Na"])
def test_names_in_any_script_stay_as_they_are(name: str) -> None:
    assert (one(name=name, sex="").values or {})["name"] == name


def test_names_are_composed_and_cleared_of_direction_marks() -> None:
    assert (one(name="Jose\u0301\u202e\u200f\x07  x", sex="").values or {})["name"] == "José x"


def test_an_empty_cell_never_means_yes() -> None:
    for section in ("yes_no", "gender", "language", "age_units", "months"):
        assert "" not in lookup(section)
    for empty in ("", " ", "-", "?", "…"):
        assert "consent_care" not in (one(name="A", consent=empty).values or {})


@pytest.mark.parametrize(
    ("word", "means"), [("✓", "yes"), ("☒", "no"), ("نعم", "yes"), ("Sí", "yes"), ("hapana", "no"), ("NÃO", "no")]
)
def test_consent_in_several_languages(word: str, means: str) -> None:
    assert (one(name="A", consent=word).values or {})["consent_care"] == means


def test_consent_that_we_cannot_read_is_asked_again() -> None:
    got = one(name="A", consent="perhaps")
    assert got.status == "accepted"
    assert "consent_care" not in (got.values or {})
    assert [w.code for w in got.warnings] == ["answer-unknown"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": "A", "age": "canary"}, "age-unreadable"),
        ({"name": "A", "age": "190"}, "age-impossible"),
        ({"name": "A", "age": "30 canaries"}, "age-unreadable"),
        ({"name": "A", "year": "canary"}, "birth-year-unreadable"),
        ({"name": "A", "year": "2031"}, "date-in-future"),
        ({"name": "A", "birth": "31/2/2001"}, "date-impossible"),
        ({"name": "A", "sex": "canary"}, "gender-unknown"),
        ({"name": "A", "phone": "2.55E+11"}, "phone-rounded"),
        ({"name": "A", "phone": "12"}, "phone-unreadable"),
        ({"name": "A", "phone": "#REF!"}, "spreadsheet-error"),
        ({"name": "canary" * 60, "age": "3"}, "name-too-long"),
        ({"name": "99", "age": "3"}, "name-without-letters"),
        ({"name": "", "age": "33"}, "nobody-named"),
        ({"name": "A", "year": "2020", "joined": "2010-01-01"}, "born-after-registration"),
    ],
)
def test_faults_name_row_and_column_and_never_the_content(cells: dict[str, str], code: str) -> None:
    got = one(**cells)
    assert got.status == "set-aside"
    assert got.values is None
    assert [f.code for f in got.faults] == [code]
    fault = got.faults[0]
    assert fault.sentence.startswith("Row 2")
    assert ("column" in fault.sentence) == bool(fault.column)
    assert "canar" not in repr(got)


def test_ages_and_births() -> None:
    assert (one(name="A", age="8 months").values or {})["age"] == 0
    assert (one(name="A", age="٤٥ سنة").values or {})["age"] == 45
    year = one(name="A", year="1985")
    assert (year.values or {})["birth"].precision == "year"
    both = one(name="A", birth="1985-03-01", age="20")
    assert (both.values or {})["birth"].on == date(1985, 3, 1)
    assert [w.code for w in both.warnings] == ["age-and-birth-differ"]


def test_given_and_family_names_are_joined() -> None:
    assert (people("First name,Surname,Sex\nAmina,Juma,F\n")[0].values or {})["name"] == "Amina Juma"


def test_shifted_rows_totals_and_titles_are_set_aside() -> None:
    got = people("Name,Age,Sex,Village\nA,3,F,X\nB,3,F,X,shifted\n,,Ward 3,\n")
    assert [[f.code for f in g.faults] for g in got] == [[], ["too-many-cells"], ["row-almost-empty"]]


def test_a_programme_s_own_words_can_be_told() -> None:
    got = people("Name,Sex\nA,FM\n", words={"gender": {"FM": "woman"}})
    assert (got[0].values or {})["gender"] == "woman"


def test_doubles_are_shown_by_kind() -> None:
    got = people(
        "Client ID,Name,Year of birth,Village\n"
        "1a,Amina Juma,1990,Kata\n1a,Amina Juma,1990,Kata\n1a,Amina Juma,1991,Kata\n"
        ",Amina  JUMA,1990,Elsewhere\n,Ameena Djuma,1991,Kata\n,Rudo Moyo,1990,Kata\n,Juma Aminah,1975,Kata\n"
    )
    assert [tuple((t.kind, t.row_no) for t in g.twins) for g in got] == [
        (), (("same-row", 2),), (("same-id", 2),), (("same-name-and-birth", 2),), (("sounds-alike", 2),), (), (),
    ]  # fmt: skip
    assert [g.status for g in got] == ["accepted", "duplicate", "set-aside", *["accepted"] * 4]


def test_fingerprints_do_not_depend_on_file_row_day_or_form() -> None:
    first = people("Name,Age,Sex\nAmina,31,F\n", today=date(2026, 1, 1))[0]
    moved = people("Sex;Age;Name\nM;5;Zed\nF;31;Amina\n", today=date(2027, 12, 1))[1]
    other = people("Name,Age,Sex\nAmina,32,F\n")[0]
    assert first.fingerprint == moved.fingerprint != other.fingerprint
    assert first.identity == moved.identity is not None


@pytest.mark.parametrize(
    "mapping", [{"Nope": "name"}, {"Name": "shoe size"}, {"Name": "name", "Age": "name"}, {}], ids=str
)
def test_a_wrong_map_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises((problems.MapWrong, problems.NoSuchColumn)):
        list(parse_people(table("Name,Age\nA,3\n"), mapping, today=TODAY, namespace=SPACE))


def test_the_order_of_dates_is_said_and_can_be_overruled() -> None:
    read = table("Name,DOB\nA,3/4/2001\nB,4/25/2001\n")
    mapping = {"Name": "name", "DOB": "birth_date"}
    told = study_people(read, mapping)
    assert [(n.column, n.code) for n in told.notes] == [(2, "date-order-month")]
    got = [g.values["birth"].on for g in parse_people(read, mapping, today=TODAY, namespace=SPACE) if g.values]
    assert got[0] == date(2001, 3, 4)
    turned = study_people(read, mapping, day_first=True)
    got = [
        g.values["birth"].on
        for g in parse_people(read, mapping, today=TODAY, namespace=SPACE, reading=turned)
        if g.values
    ]
    assert got[0] == date(2001, 4, 3)


def test_a_messy_workbook_is_understood() -> None:
    read = read_table(messy_caseload(), "caseload.xlsx")
    assert read.header_row == 4
    mapping = {s.column: s.field for s in suggest_columns(read) if s.field}
    assert mapping == {
        "Person / Name": "name", "Date of birth": "birth_date", "Age": "age", "Sex": "gender", "Phone": "phone",
        "Village": "place", "Date of registration": "registered_on", "Consent": "consent_care",
        "Caregiver / Name": "supporter",
    }  # fmt: skip
    got = list(parse_people(read, mapping, today=TODAY, namespace=SPACE))
    assert len(got) == 301
    assert [f.code for g in got for f in g.faults] == ["row-almost-empty"]
    assert all(g.values is None or "birth" in g.values for g in got)
