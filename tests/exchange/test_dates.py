"""Dates as people write them; what could be read in two ways is said or refused, never guessed in silence."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave.core.sheets.dates import SAYS, Dated, Order, OrderSeen, Unreadable, read_date

pytestmark = pytest.mark.sqlite_only  # needs no database

TODAY = date(2026, 6, 30)


def read(cell: object, first: str = "unknown", calendar: bool = False) -> Dated | None:
    return read_date(cell, Order(first, calendar), today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "on", "precision"),
    [
        ("2024-03-05", date(2024, 3, 5), "day"),
        ("2024/3/5", date(2024, 3, 5), "day"),
        ("٢٠٢٤-٠٣-٠٥", date(2024, 3, 5), "day"),
        ("२०२४-०३-०५", date(2024, 3, 5), "day"),
        ("20240305", date(2024, 3, 5), "day"),
        ("25/3/2024", date(2024, 3, 25), "day"),
        ("3/25/2024", date(2024, 3, 25), "day"),
        ("5.3.2024", date(2024, 3, 5), "day"),
        ("5/3/24", date(2024, 3, 5), "day"),
        ("5/3/85", date(1985, 3, 5), "day"),
        ("3 March 2024", date(2024, 3, 3), "day"),
        ("March 3rd, 2024", date(2024, 3, 3), "day"),
        ("3-Mar-24", date(2024, 3, 3), "day"),
        ("05MAR2024", date(2024, 3, 5), "day"),
        ("1er août 2023", date(2023, 8, 1), "day"),
        ("12 de marzo de 2024", date(2024, 3, 12), "day"),
        ("12 de março de 2024", date(2024, 3, 12), "day"),
        ("١٢ مارس ٢٠٢٤", date(2024, 3, 12), "day"),
        ("12 كانون الثاني 2024", date(2024, 1, 12), "day"),
        ("tarehe 5 Machi 2024", date(2024, 3, 5), "day"),
        ("45000", date(2023, 3, 15), "day"),
        ("45000.75", date(2023, 3, 15), "day"),
        (45000, date(2023, 3, 15), "day"),
        (datetime(2024, 3, 5, 0, 0), date(2024, 3, 5), "day"),  # noqa: DTZ001
        ("2024-03-05T10:20:30.123+03:00", date(2024, 3, 5), "day"),
        ("2024-03-05 10:20:30", date(2024, 3, 5), "day"),
        ("2024-03", date(2024, 3, 1), "month"),
        ("3/2024", date(2024, 3, 1), "month"),
        ("mars 2024", date(2024, 3, 1), "month"),
        ("1985", date(1985, 1, 1), "year"),
        ("١٩٨٥", date(1985, 1, 1), "year"),
        ("about 1985", date(1985, 1, 1), "about"),
        ("vers 1985", date(1985, 1, 1), "about"),
        ("~1985", date(1985, 1, 1), "about"),
        ("حوالي ١٩٨٥", date(1985, 1, 1), "about"),
    ],
)
def test_dates_in_many_hands(text: object, on: date, precision: str) -> None:
    found = read(text)
    assert found is not None
    assert (found.on, found.precision) == (on, precision)


def test_the_moment_and_its_offset_are_kept() -> None:
    found = read("2024-03-05T10:20:30.123+03:00")
    assert found is not None
    assert found.at == datetime.fromisoformat("2024-03-05T10:20:30.123+03:00")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/2/2024", "date-impossible"),
        ("2024-13-01", "date-impossible"),
        ("13/13/2000", "date-impossible"),
        ("1/7/2026", "date-in-future"),
        ("2031-01-01", "date-in-future"),
        ("1850", "date-too-early"),
        ("2080-01-05", "other-calendar"),
        ("5 Baisakh 2061", "other-calendar"),
        ("12 Meskerem 2010", "other-calendar"),
        ("1445/9/1", "other-calendar"),
        ("٣ رمضان ١٤٤٥", "other-calendar"),
        ("2567-01-02", "other-calendar"),
        ("soon", "date-unreadable"),
        ("12", "date-unreadable"),
        ("1/2/3/4", "date-unreadable"),
        ("March", "date-unreadable"),
    ],
)
def test_what_is_no_date_is_named(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.code == code
    assert code in SAYS


def test_the_column_decides_the_order_and_says_so() -> None:
    def order(*cells: str) -> str:
        seen = OrderSeen()
        for cell in cells:
            seen.add(cell)
        return seen.order("Date").first

    assert order("3/4/2024", "25/4/2024") == "day"
    assert order("3/4/2024", "4/25/2024") == "month"
    assert order("25/4/2024", "4/25/2024") == "mixed"
    assert order("3/4/2024", "2024-05-06") == "unknown"
    assert read("3/4/2024", "day").on == date(2024, 4, 3)  # type: ignore[union-attr]
    assert read("3/4/2024", "month").on == date(2024, 3, 4)  # type: ignore[union-attr]
    assert read("3/4/2024").hints == ("date-order-assumed",)  # type: ignore[union-attr]
    assert read("4/4/2024", "mixed").on == date(2024, 4, 4)  # type: ignore[union-attr]
    with pytest.raises(Unreadable, match="date-order-mixed"):
        read("3/4/2024", "mixed")


@pytest.mark.parametrize("heading", ["DOB (BS)", "Date of birth (E.C.)", "تاريخ الميلاد (هجري)", "जन्म मिति वि.सं."])
def test_a_heading_that_names_another_calendar_stops_every_date(heading: str) -> None:
    assert OrderSeen().order(heading).calendar
    with pytest.raises(Unreadable, match="other-calendar"):
        read("2001-02-03", calendar=True)


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "Unknown", "غير معروف", None])
def test_nothing_is_nothing(text: str | None) -> None:
    assert read(text) is None


@given(st.text(max_size=100))
def test_any_text_is_a_date_or_a_known_fault(text: str) -> None:
    found, code = None, None
    try:
        found = read(text)
    except Unreadable as error:
        code = error.code
    assert code is None or code in SAYS
    assert found is None or date(1900, 1, 1) <= found.on <= TODAY


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%b %d, %Y"]))
def test_a_date_comes_back_as_it_went(day: date, way: str) -> None:
    assert read(day.strftime(way), "day").on == day  # type: ignore[union-attr]
