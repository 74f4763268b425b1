"""Numbers of paper sheets: drawn when a sheet is printed, checked when it is typed. Nothing is stored.

K4-7FD2-3: six signs drawn by chance and a check sign. The 31 signs are a prime number of them, so a weighted sum
modulo 31 with seven different weights notices every single wrong sign and every two signs that changed places
(the argument of ISO/IEC 7064's pure systems; Verhoeff 1969). No sign looks or sounds like another: no I, O, U, 0, 1.

Drawn, not counted: a tray of sheets can be printed anywhere, a lost one leaves no gap, and a number tells neither how
many were printed nor whose it is. 31⁶ is 887 million: among 10,000 sheets two share a number with a chance of 6 %,
and the typing screen says so when it happens.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Final

from kinweave.core.problems import Problem

SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
DRAWN: Final = 6
WEIGHTS: Final = (1, 2, 3, 4, 5, 6, 7)
_NOT_SIGNS = re.compile(r"[\s\-‐-―−_.]+")
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


class WrongSheetNumber(Problem):
    status, code = 422, "wrong-sheet-number"
    says = "This number does not fit together: one sign is wrong, missing or in another place."
    remedy = "Look at the number on the sheet again, sign by sign."


def draw(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh number, such as K4-7FD2-3. `choose` picks one sign of a text."""
    body = "".join(choose(SIGNS) for _ in range(DRAWN))
    return shown(body + check_sign(body))


def check_sign(body: str) -> str:
    """The seventh sign: the weighted sum of all seven is a multiple of 31."""
    total = sum(weight * SIGNS.index(sign) for weight, sign in zip(WEIGHTS, body, strict=False))
    inverse = pow(WEIGHTS[DRAWN], -1, len(SIGNS))
    return SIGNS[-total * inverse % len(SIGNS)]


def shown(signs: str) -> str:
    return f"{signs[:2]}-{signs[2:6]}-{signs[6:]}"


def bare(text: str) -> str:
    """What was typed without its dashes and blanks, in capitals."""
    return _NOT_SIGNS.sub("", text.translate(_EASTERN)).upper()


def fits(text: str) -> bool:
    """Whether a typed number is one of ours, every sign in its place."""
    signs = bare(text)
    if len(signs) != DRAWN + 1 or any(sign not in SIGNS for sign in signs):
        return False
    return check_sign(signs[:DRAWN]) == signs[DRAWN]


def read(text: str) -> str:
    """A typed number as it is printed. Raises WrongSheetNumber."""
    if not fits(text):
        raise WrongSheetNumber()
    return shown(bare(text))


def looks_ours(text: str) -> bool:
    """Whether a typed number is meant to be one of ours, be it right or wrong; others number their own paper."""
    return len(bare(text)) == DRAWN + 1 or text.strip().count("-") == 2


def kept(text: str) -> str:
    """A number as it is kept: ours in its printed shape, another's as it was typed. Raises WrongSheetNumber."""
    return read(text) if looks_ours(text) else " ".join(text.split())[:40]
