"""The arithmetic of the drawings, and forms asked in the question part."""

from __future__ import annotations

import pytest
from django import forms
from django.template import engines
from django.utils import translation

from kinweave.core.problems import Problem
from kinweave.front.templatetags import kw_charts as draw

FIVE_TWO_ONE_TWO = [
    {"count": 5, "kind": "full", "label": "5 better"},
    {"count": 2, "kind": "half", "label": "2 the same"},
    {"count": 1, "kind": "ring", "label": "1 worse"},
    {"count": 2, "kind": "gap", "label": "2 not reached"},
]


class Asked(forms.Form):
    """A form with one field of each way of asking."""

    alias = forms.CharField(label="What should we call you?", help_text="It need not be your real name.")
    mood = forms.ChoiceField(
        label="How was the week?",
        choices=[("", "---"), ("0", "Good"), ("1", "Hard"), ("declined", "I would rather not say")],
        widget=forms.RadioSelect,
    )
    tongues = forms.MultipleChoiceField(
        label="Languages", choices=[("sn", "chiShona"), ("en", "English")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="She agreed", required=False)


def shown(source: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return engines["django"].from_string("{% load kw %}" + source).render(context)


def test_dots_stand_in_reading_order():
    row = draw.dot_row(FIVE_TWO_ONE_TWO, 10, mirrored=False)
    assert [d.kind for d in row] == ["full"] * 5 + ["half"] * 2 + ["ring"] + ["gap"] * 2
    assert [d.x for d in row] == [15 + 30 * i for i in range(10)]
    other = draw.dot_row(FIVE_TWO_ONE_TWO, 10, mirrored=True)
    assert [d.kind for d in other] == [d.kind for d in row]
    assert [d.x for d in other] == [d.x for d in reversed(row)]


@pytest.mark.parametrize("count", [4, 6])
def test_nine_or_eleven_dots_of_ten_are_refused(count):
    with pytest.raises(ValueError, match="not 10"):
        draw.dot_row([{**FIVE_TWO_ONE_TWO[0], "count": count}, *FIVE_TWO_ONE_TWO[1:]], 10, mirrored=False)


def test_a_dot_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="full, half, ring, gap"):
        draw.dot_row([{"count": 10, "kind": "star", "label": ""}], 10, mirrored=False)


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 27, (0, 10, 20, 30)), (0, 80, (0, 20, 40, 60, 80)), (0, 1, (0, 0.3, 0.6, 0.9, 1.2)), (0, 13, (0, 5, 10, 15))],
)
def test_ticks_are_round_and_reach_the_top(low, high, wanted):
    assert draw.nice_ticks(low, high) == pytest.approx(wanted)


@pytest.mark.parametrize("high", [0.2, 1, 3, 7.5, 11, 13, 27, 63, 99, 100, 101, 456])
def test_ticks_of_the_top_tick_are_the_same_ticks(high):
    once = draw.nice_ticks(0, high)
    assert once[-1] >= high
    assert draw.nice_ticks(0, once[-1]) == pytest.approx(once)


@pytest.mark.parametrize(("value", "said"), [(7.0, "7"), (7.46, "7.5"), (0.04, "0"), (100, "100"), (-2.25, "-2.2")])
def test_numbers_have_at_most_one_decimal(value, said):
    assert draw.plain_number(value) == said


def points(*values: float | None) -> list[dict[str, object]]:
    return [{"x": i, "label": str(i), "value": v} for i, v in enumerate(values)]


def test_a_missing_value_leaves_a_gap_and_no_mark():
    series = [{"name": "", "points": points(10, None, 20, 30)}]
    frame = draw.frame_for(series, {}, mirrored=False)
    line = draw.draw_series(series[0], 0, 1, frame)
    assert len(line.marks) == 3
    assert [s.gap for s in line.strokes] == [True, False]
    assert line.marks[-1].y == draw.PLOT_TOP  # 30 is the top tick
    assert line.marks[0].x < line.marks[-1].x


def test_time_runs_from_the_right_in_arabic():
    series = [{"name": "", "points": points(1, 2)}]
    frame = draw.frame_for(series, {}, mirrored=True)
    assert (frame.across(0), frame.across(1)) == (95.0, 5.0)


def test_nothing_measured_is_no_line():
    with pytest.raises(ValueError, match="empty state"):
        draw.frame_for([{"points": points(None, None)}], {}, mirrored=False)


def test_few_labels_on_a_small_screen():
    marks = points(*[1.0] * 36)
    ticks = draw.x_ticks(marks, draw.frame_for([{"points": marks}], {}, mirrored=False))
    assert len(ticks) == 12
    assert 1 <= sum(not t.thin for t in ticks) <= 5
    assert ticks[0].thin is False


def test_the_dots_say_their_words():
    page = shown("{% dots s sentence='Of ten people …' n=273 %}", s=FIVE_TWO_ONE_TWO)
    assert 'aria-label="5 better, 2 the same, 1 worse, 2 not reached"' in page
    assert "273 people started." in page


def test_a_number_is_said_whole():
    page = shown("{% number label='Better' value=5 percent=52.4 low=46 high=58 n=273 missed=41 %}")
    for words in (
        "5 of 10",
        "52.4%, most likely between 46% and 58%.",
        "273 people started.",
        "We could not reach 41.",
    ):
        assert words in page


def test_a_number_held_back_shows_no_number():
    page = shown("{% number label='Better' value=5 percent=52 low=46 high=58 n=7 withheld=True %}")
    assert "Too few people" in page
    assert not any(figure in page for figure in ("5 of 10", "52", "46", "58", ">7"))


def test_a_place_held_back_shows_no_number():
    page = shown("{% place_map p %}", p=[{"name": "Station", "count": 3, "n": 7, "withheld": True}])
    assert "Not shown: too few people." in page
    assert not any(figure in page for figure in ("3 of 10", "7 people", "circle"))


def test_geometry_is_written_with_points_in_every_language():
    chart = {"sentence": "x", "series": [{"name": "", "points": points(1.5, 2.5, 4)}]}
    page = shown("{% line_chart c %}", language="ar", c=chart)
    assert 'x="95.0%"' in page
    assert "٫" not in page
    assert "," not in page.split("<svg", 1)[1].split("</svg>")[0]


def test_a_field_is_asked_with_a_legend_and_keeps_the_answer():
    form = Asked({"alias": "", "mood": "1", "tongues": ["sn", "en"]})
    page = shown("{% field f.mood why='So that we can help.' %}", f=form)
    assert page.count('type="radio"') == 3  # the empty choice is not an answer
    assert 'value="1" id="id_mood_1" checked' in page
    assert 'class="choice decline"' in page
    assert "<legend>How was the week?</legend>" in page
    assert shown("{% field f.tongues %}", f=form).count(" checked") == 2


def test_the_error_summary_links_to_the_first_control():
    form = Asked({"alias": "", "tongues": []})
    page = shown("{% error_summary form=f %}", f=form)
    for target in ("#id_alias", "#id_mood_0", "#id_tongues_0"):
        assert f'href="{target}"' in page
    field = shown("{% field f.alias %}", f=form)
    assert 'aria-describedby="id_alias_help id_alias_error"' in field
    assert 'id="id_alias_error"' in field


def test_no_error_no_summary():
    assert "problem" not in shown("{% error_summary form=f %}", f=Asked())


def test_a_problem_shows_its_remedy_and_code():
    page = shown("{% error_summary problem=p %}", p=Problem())
    assert "Something went wrong." in page
    assert "Try again." in page
    assert "<code>problem</code>" in page


def test_what_people_write_cannot_become_markup():
    hostile = "<script>alert(1)</script>"
    page = shown("{% include 'parts/moment.html' %}", moment={"what": hostile, "words": hostile, "when": "now"})
    assert "<script>" not in page


def test_the_arabic_of_the_parts_is_there():
    assert "أفضل ألا أجيب" in shown("{% rather_not %}", language="ar")
