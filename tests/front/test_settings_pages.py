"""Settings: every one shown, changed as a new version, within reach; questionnaires switched with care."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kinweave.core.ids import uuid7
from kinweave.front.desk.pages_settings import SettingForm, shown_value
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.models import Setting
from kinweave.listen.shelf import instruments, is_on
from tests.care_world import asking, signed_in

pytestmark = pytest.mark.django_db
MINUTES = "care.risk_acknowledge_minutes"


@pytest.fixture
def farai(world):
    return signed_in(world, "farai")


def change(client, key, scope="", **form):
    return client.post(reverse("setting", args=[key]), {"entry": str(uuid7()), "for": scope, **form})


def test_every_setting_stands_on_the_page(farai):
    page = farai.get(reverse("settings")).content.decode()
    for key in chosen.DEFINED:
        assert reverse("setting", args=[key]) in page


@pytest.mark.parametrize("key", sorted(chosen.DEFINED))
def test_every_setting_opens_and_its_own_value_fits_again(farai, key):
    known = chosen.DEFINED[key]
    assert farai.get(reverse("setting", args=[key])).status_code == 200
    empty = SettingForm(known=known, value=known.default)
    given = {"entry": str(uuid7())}
    for name, field in empty.fields.items():
        if name != "entry":
            given[name] = field.initial if field.initial is not None else ""
    form = SettingForm(given, known=known, value=known.default)
    assert form.is_valid(), form.errors
    assert form.read() == known.default
    chosen.check(key, form.read())


def test_a_change_is_a_new_version_with_its_history(farai):
    change(farai, MINUTES, value_now="10", value_today="60", value_week="600")
    change(farai, MINUTES, value_now="5", value_today="60", value_week="600")
    assert chosen.value(MINUTES) == {"now": 5, "today": 60, "week": 600}
    page = farai.get(reverse("setting", args=[MINUTES])).content.decode()
    assert "version 1" in page
    assert "version 2" in page
    assert "practice.md" in page
    assert "Now: 15" in page


def test_a_programme_has_its_own_value(world, farai):
    change(farai, "care.graduate_after", scope=str(world.programme), value="6")
    assert chosen.value("care.graduate_after", world.programme) == 6
    assert chosen.value("care.graduate_after") == 4


def test_a_value_that_does_not_fit_is_said_and_kept_in_the_form(farai):
    sent = change(farai, MINUTES, value_now="0", value_today="60", value_week="600")
    assert sent.status_code == 422
    assert 'value="60"' in sent.content.decode()
    assert not Setting.objects.filter(key=MINUTES).exists()
    assert change(farai, "house.dimensions", value="[{").status_code == 422


def test_a_double_send_is_one_version(farai):
    form = {"entry": str(uuid7()), "for": "", "value": "0800 999"}
    for _ in range(2):
        farai.post(reverse("setting", args=["house.emergency"]), form)
    assert Setting.objects.filter(key="house.emergency").count() == 1


def test_an_unknown_setting_and_a_foreign_programme(farai, world):
    assert farai.get(reverse("setting", args=["no.such"])).status_code == 404
    assert change(farai, "care.graduate_after", scope=str(uuid7()), value="9").status_code == 403
    assert not Setting.objects.exists()


def test_where_two_organisations_share_a_site_nobody_sets_all_of_it(farai, world):
    add_organisation(by=SYSTEM, name="Another bench")
    page = farai.get(reverse("settings")).content.decode()
    assert "The whole site" not in page
    assert change(farai, "care.graduate_after", scope="", value="9").status_code == 403
    assert switch(farai, "how-you-have-been-7").status_code == 403
    change(farai, "care.graduate_after", scope=str(world.programme), value="9")
    assert chosen.value("care.graduate_after") == 4
    assert chosen.value("care.graduate_after", world.programme) == 9


@pytest.mark.parametrize(
    ("value", "says"),
    [(True, "yes"), ([3, 6], "3, 6"), ({"now": 15}, "Now: 15"), ("", "—"), ([{"name": "Ward"}], "Ward"), (None, "—")],
)
def test_values_are_read_aloud(value, says):
    assert shown_value(value) == says


# ----------------------------------------------------------------------------------- questionnaires


def switch(client, key, on="yes", **form):
    return client.post(reverse("switch", args=[key]), {"entry": str(uuid7()), "on": on, **form})


def test_each_questionnaire_shows_licence_languages_and_what_is_unverified(farai):
    page = farai.get(reverse("switches")).content.decode()
    for one in instruments().values():
        assert f'id="{one.key}"' in page
    assert "No permission required to reproduce" in page
    assert "not checked by a native speaker" in page
    assert "things nobody has verified" in page


def test_questions_about_danger_wait_for_somebody_to_answer(farai, world):
    page = farai.get(reverse("switches")).content.decode()
    assert "a rota" in page
    sent = switch(farai, "how-you-have-been-9")
    assert sent.status_code == 409
    assert "nobody has proved yet" in sent.content.decode()
    assert not is_on("phq-9", str(world.programme))


def test_other_questions_are_switched_on_and_off(farai):
    switch(farai, "how-you-have-been-7")
    assert is_on("gad-7")
    switch(farai, "how-you-have-been-7", on="no")
    assert not is_on("gad-7")


def test_without_words_there_is_nothing_to_ask(farai):
    assert switch(farai, "people-around-you-3", licence="Ours").status_code == 409
    assert switch(farai, "no-such-thing").status_code == 404


@pytest.mark.parametrize(("name", "status"), [("amina", 403), ("dalia", 403), ("gloria", 403), ("hope", 302)])
def test_who_switches(world, name, status):
    assert switch(signed_in(world, name), "how-you-have-been-7").status_code == status


def test_settings_ask_the_database_little(world, farai, django_assert_max_num_queries):
    asking(world)
    farai.get(reverse("settings"))  # the first view of a site makes its row
    with django_assert_max_num_queries(20):
        farai.get(reverse("settings"))
    with django_assert_max_num_queries(28):
        farai.get(reverse("switches"))
