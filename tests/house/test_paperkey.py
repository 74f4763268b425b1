"""The paper key: any single group copied wrongly is found, and named; nothing is mended silently."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from kinweave.house.paperkey import SIGNS, PaperGroup, PaperKey, PaperLength, from_paper, to_paper

pytestmark = pytest.mark.sqlite_only  # asks no database
KEY = bytes(range(32))


def keys() -> list[bytes]:
    made = random.Random(7)
    return [bytes(32), b"\xff" * 32, KEY, *(made.randbytes(32) for _ in range(20))]


@pytest.mark.parametrize("key", keys())
def test_the_key_comes_back(key: bytes) -> None:
    assert from_paper(to_paper(key)) == key


def test_case_spaces_dashes_and_lookalikes_do_not_matter() -> None:
    paper = to_paper(KEY)
    assert from_paper(paper.lower()) == KEY
    assert from_paper("".join(paper.split())) == KEY
    assert from_paper(paper.replace(" ", "-").replace("\n", " – ")) == KEY
    assert from_paper(paper.replace("0", "O").replace("1", "l")) == KEY
    assert not set(paper) & set("ILOU")


def test_any_single_group_copied_wrongly_is_found_and_named() -> None:
    made = random.Random(11)
    for key in keys():
        for place in range(15):
            groups = to_paper(key).split()
            right = groups[place]
            for _ in range(20):
                groups[place] = "".join(made.choices(SIGNS, k=4))
                if groups[place] == right:
                    continue
                with pytest.raises(PaperGroup) as fault:
                    from_paper(" ".join(groups))
                assert fault.value.facts == {"group": place + 1}


def test_every_single_wrong_sign_is_found_and_its_group_named() -> None:
    paper = "".join(to_paper(KEY).split())
    for place, sign in enumerate(paper):
        for other in SIGNS:
            if other == sign:
                continue
            with pytest.raises(PaperGroup) as fault:
                from_paper(paper[:place] + other + paper[place + 1 :])
            assert fault.value.facts == {"group": place // 4 + 1}


def test_two_groups_that_changed_places_are_found() -> None:
    for one, other in combinations(range(15), 2):
        groups = to_paper(KEY).split()
        groups[one], groups[other] = groups[other], groups[one]
        with pytest.raises(PaperKey):
            from_paper(" ".join(groups))


def test_a_sign_that_is_not_on_the_paper_names_its_group() -> None:
    groups = to_paper(KEY).split()
    groups[6] = "U" + groups[6][1:]
    with pytest.raises(PaperGroup) as fault:
        from_paper(" ".join(groups))
    assert fault.value.facts == {"group": 7}


@pytest.mark.parametrize("place", [0, 7, 14])
def test_a_lost_or_doubled_sign_names_its_group(place: int) -> None:
    for change in (lambda g: g[1:], lambda g: g + g[0]):
        groups = to_paper(KEY).split()
        groups[place] = change(groups[place])
        with pytest.raises(PaperLength) as fault:
            from_paper(" ".join(groups))
        assert fault.value.facts["group"] == place + 1


def test_a_problem_holds_nothing_of_the_key() -> None:
    groups = to_paper(KEY).split()
    groups[3] = "2345" if groups[3] != "2345" else "2346"
    with pytest.raises(PaperGroup) as fault:
        from_paper(" ".join(groups))
    assert not any(group in str(fault.value.as_dict()).split() for group in groups)
