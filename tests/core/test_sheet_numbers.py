"""Sheet numbers: every slip of one sign and every two signs swapped is noticed, whatever way they are written."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave.core.sheet_numbers import SIGNS, WrongSheetNumber, bare, draw, fits, kept, looks_ours, read

pytestmark = pytest.mark.sqlite_only  # needs no database

NUMBERS = [draw(random.Random(seed).choice) for seed in range(40)]


def by_hand(number: str) -> int:
    """The weighted sum, written out."""
    a, b, c, d, e, f, g = (SIGNS.index(sign) for sign in number.replace("-", ""))
    return (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g) % 31


def test_31_signs_and_none_that_looks_like_another():
    assert len(set(SIGNS)) == len(SIGNS) == 31
    assert not set("IOU01") & set(SIGNS)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_drawn_number_fits(number):
    assert by_hand(number) == 0
    assert fits(number)
    assert [len(part) for part in number.split("-")] == [2, 4, 1]


@pytest.mark.parametrize("number", NUMBERS[:8])
def test_every_wrong_sign_is_noticed(number):
    signs = bare(number)
    for place, sign in itertools.product(range(7), SIGNS + "IOU01"):
        if sign != signs[place]:
            assert not fits(signs[:place] + sign + signs[place + 1 :])


@pytest.mark.parametrize("number", NUMBERS)
def test_every_two_signs_that_changed_places_are_noticed(number):
    signs = list(bare(number))
    for one, other in itertools.combinations(range(7), 2):
        if signs[one] != signs[other]:
            swapped = signs.copy()
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert not fits("".join(swapped))


def test_a_sign_too_few_or_too_many():
    signs = bare(NUMBERS[0])
    assert not fits(signs[:-1])
    assert not fits(signs + "2")
    assert not fits("")


@pytest.mark.parametrize("change", [str, str.lower, bare, " {} ".format, "{}.".format])
def test_however_it_is_written(change):
    assert read(change(NUMBERS[1])) == NUMBERS[1]


def test_digits_as_they_are_written_in_arabic():
    number = next(n for n in (draw(random.Random(s).choice) for s in range(500)) if any(c.isdigit() for c in n))
    eastern = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert read(eastern) == number


def test_others_number_their_own_paper():
    assert kept("  A-17 ") == "A-17"
    assert not looks_ours("2026/031")
    with pytest.raises(WrongSheetNumber):
        kept("K4-7FD2-Z" if not fits("K4-7FD2-Z") else "K4-7FD2-Y")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        assert fits(kept(text)) or not looks_ours(text)
    except WrongSheetNumber:
        assert looks_ours(text)
