"""The paper recovery key: the house key as fifteen groups of four signs that a person can copy by hand.

The signs are Crockford's base 32 (no I, L, O or U). Thirteen groups carry the 256 bits (and four zero bits),
two are check groups of a Reed-Solomon code with whole groups as symbols, over GF(2^20) made by the primitive
polynomial x^20 + x^3 + 1: the sums of all groups i weighted by x^i and by x^2i. So any single mistyped group
is found with certainty, and which one it is; so are two that changed places; anything else nearly always.
Nothing is mended silently: a person looks at the paper again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kinweave.core.problems import Problem

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE = {sign: number for number, sign in enumerate(SIGNS)} | {"O": 0, "I": 1, "L": 1}
KEY_BYTES = 32
GROUP = 4
BITS = 20
DATA, CHECKS = 13, 2
GROUPS = DATA + CHECKS
POLYNOMIAL = 1 << 20 | 1 << 3 | 1


class PaperLength(Problem):
    status, code = 422, "paper-length"
    says = "The paper key has {expected} groups of four signs; this has {found} signs."
    remedy = "Compare it with the paper, group by group. Group {group} is the first that is too short or too long."


class PaperGroup(Problem):
    status, code = 422, "paper-group"
    says = "Group {group} of the paper key was not copied rightly."
    remedy = "Look at group {group} on the paper again, sign by sign. There is no I, L, O or U on it."


class PaperKey(Problem):
    status, code = 422, "paper-key"
    says = "More than one group of the paper key was not copied rightly, or two changed places."
    remedy = "Compare every group with the paper, in its order."


def to_paper(key: bytes) -> str:
    """The key for the paper: three lines of five groups."""
    if len(key) != KEY_BYTES:
        raise ValueError("the house key has 32 bytes")
    whole = int.from_bytes(key, "big")
    data = [whole >> BITS * (DATA - 1 - i) & (1 << BITS) - 1 for i in range(DATA)]
    groups = [*data, *_checks(data)]
    texts = ["".join(SIGNS[g >> 5 * (GROUP - 1 - i) & 31] for i in range(GROUP)) for g in groups]
    return "\n".join(" ".join(texts[start : start + 5]) for start in range(0, GROUPS, 5))


def from_paper(text: str) -> bytes:
    """The key from what somebody typed: case, spaces and dashes do not matter, O counts as 0, I and L as 1.

    Raises PaperLength, PaperGroup (which group) or PaperKey (more than one).
    """
    groups = [_group(number, signs) for number, signs in enumerate(_split(text.upper()), 1)]
    data = groups[:DATA]
    one, two = (given ^ made for given, made in zip(groups[DATA:], _checks(data), strict=True))
    if one or two:
        raise _fault(one, two)
    whole = 0
    for group in data:
        whole = whole << BITS | group
    if whole >> 8 * KEY_BYTES:
        raise PaperKey()
    return whole.to_bytes(KEY_BYTES, "big")


def _split(text: str) -> list[str]:
    apart = re.findall(r"[^\W_]+", text)
    whole = "".join(apart)
    if len(whole) != GROUPS * GROUP:
        wrong = next((n for n, signs in enumerate(apart, 1) if len(signs) != GROUP), len(apart) + 1)
        raise PaperLength(expected=GROUPS, found=len(whole), group=min(wrong, GROUPS))
    return [whole[start : start + GROUP] for start in range(0, len(whole), GROUP)]


def _group(number: int, signs: str) -> int:
    value = 0
    for sign in signs:
        if sign not in VALUE:
            raise PaperGroup(group=number)
        value = value << 5 | VALUE[sign]
    return value


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ POLYNOMIAL if value >> BITS else value


def _checks(data: Sequence[int]) -> tuple[int, int]:
    """The two weighted sums Σ x^i·g_i and Σ x^2i·g_i of the groups, i from 1."""
    once = twice = 0
    for group in reversed(data):  # Horner's rule: the last group gets the highest power
        once = _times_x(once ^ group)
        twice = _times_x(_times_x(twice ^ group))
    return once, twice


def _fault(one: int, two: int) -> Problem:
    """Which group is wrong: an error e in group i shows as x^i·e and x^2i·e, in a check group as one alone."""
    if not two:
        return PaperGroup(group=DATA + 1)
    if not one:
        return PaperGroup(group=DATA + 2)
    for number in range(1, DATA + 1):
        one = _times_x(one)
        if one == two:
            return PaperGroup(group=number)
    return PaperKey()
