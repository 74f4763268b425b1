"""A session that ends in the middle of a form loses nothing, and shows it to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from kinweave.front import parking
from kinweave.front.refill import refill
from kinweave.house.models import Account, ParkedForm, Session
from tests.world import PASSWORD

FORM = "/accounts/new/"  # any desk form with the tag would do
TYPED = {"username": "zuri", "shown_name": "Zürí <b>&amp;", "language": "ar", "email": "", "phone": "0700 1"}


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def open_form(client: Client) -> dict[str, str]:
    return {parking.FIELD: hidden_fields(client.get(FORM).content.decode())[parking.FIELD]}


@pytest.mark.django_db
class TestAnEndedSession:
    @pytest.fixture
    def hope(self, world, client) -> Client:
        client.force_login(world.accounts["hope"])
        return client

    def park(self, client: Client) -> str:
        """Open the form, end the session, send the form; returns the page to come back to."""
        field = open_form(client)
        Session.objects.all().delete()
        sent = client.post(FORM, {**field, **TYPED})
        assert sent.status_code == 302
        way = urlsplit(sent.headers["Location"])
        assert way.path == "/sign-in/"
        assert parse_qs(way.query)["kept"] == ["1"]
        return parse_qs(way.query)["next"][0]

    def test_what_was_typed_is_there_after_signing_in_again(self, world, hope) -> None:
        back = self.park(hope)
        assert not Account.objects.filter(username="zuri").exists(), "nothing is done without its person"
        signed_in = hope.post("/sign-in/", {"login": "hope", "password": PASSWORD, "next": back})
        assert signed_in.headers["Location"] == back
        page = hope.get(back).content.decode()
        assert 'value="zuri"' in page
        assert 'value="Zürí &lt;b&gt;&amp;amp;"' in page
        assert '<option value="ar" selected>' in page
        assert "Nothing you typed is lost" in page
        done = hope.post(FORM, {**hidden_fields(page), **TYPED})
        assert done.status_code == 200
        assert Account.objects.filter(username="zuri").exists()
        assert not ParkedForm.objects.exists(), "sent at last, forgotten at last"

    def test_it_lies_sealed(self, world, hope) -> None:
        self.park(hope)
        row = ParkedForm.objects.get()
        assert b"zuri" not in bytes(row.sealed)
        assert row.path == FORM

    def test_nobody_else_gets_it(self, world, hope) -> None:
        back = self.park(hope)
        other = Client()
        keeper = world.accounts["gloria"]
        from kinweave.house.access import SYSTEM
        from kinweave.house.actions import grant_role

        grant_role(by=SYSTEM, account_id=keeper.id, role="keeper")
        other.force_login(keeper)
        assert "zuri" not in other.get(back).content.decode()

    def test_after_an_hour_it_is_gone(self, world, hope) -> None:
        back = self.park(hope)
        ParkedForm.objects.update(made_at=timezone.now() - timedelta(minutes=61))
        hope.force_login(world.accounts["hope"])
        assert "zuri" not in hope.get(back).content.decode()
        assert parking.clear_old() == 1

    @pytest.mark.parametrize("field", ["", "rubbish", "made-up:1abc:signature"])
    def test_a_field_that_is_not_ours_parks_nothing(self, world, field) -> None:
        Client().post(FORM, {parking.FIELD: field, **TYPED})
        assert not ParkedForm.objects.exists()

    def test_the_field_of_one_form_does_not_park_another(self, world, hope) -> None:
        field = open_form(hope)
        Session.objects.all().delete()
        hope.post("/account/sessions/", {**field, **TYPED})
        assert not ParkedForm.objects.exists()

    def test_too_much_is_not_kept_and_says_so(self, world, hope) -> None:
        field = open_form(hope)
        Session.objects.all().delete()
        sent = hope.post(FORM, {**field, "shown_name": "x" * (parking.MOST_BYTES + 1)})
        assert "kept=0" in sent.headers["Location"]
        assert not ParkedForm.objects.exists()

    def test_only_the_newest_few_are_kept(self, world, hope) -> None:
        field = open_form(hope)
        Session.objects.all().delete()
        for _ in range(parking.MOST_FORMS + 3):
            hope.post(FORM, {**field, **TYPED})
        assert ParkedForm.objects.count() == parking.MOST_FORMS

    def test_a_form_from_before_another_sign_in_is_shown_again(self, world) -> None:
        """Signing in anew in another tab changes the page's secret: the old tab's form is kept all the same."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.accounts["hope"])
        field = open_form(client)
        sent = client.post(FORM, {**field, **TYPED, "csrfmiddlewaretoken": "x" * 64})
        assert sent.headers["Location"].startswith(f"{FORM}?kept=")
        assert 'value="zuri"' in client.get(sent.headers["Location"]).content.decode()


# ------------------------------------------------------------------------------- filling a page in

PAGE = """<!DOCTYPE html><html><body><!-- note -->
<form><input name="name" value="other form"></form>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="hidden" name="m" value="s">
<input type="text" name="name" value="old &amp; new" required><textarea name="note" rows="3">old</textarea>
<input type="radio" name="how" value="a" checked><input type="radio" name="how" value="b">
<input type="checkbox" name="tick" checked><input type="checkbox" name="many" value="1">
<input type="checkbox" name="many" value="2">
<select name="place"><option value="">-</option>
<option value="w1" selected>W1</option><option value="w2">W2</option></select>
<input type="password" name="secret"><input type="text" name="row"><input type="text" name="row"></form>
<input name="name" value="outside"><script>if (1 < 2 && "</p>") {}</script></body></html>"""


def filled(**typed: list[str]) -> str:
    values = QueryDict(mutable=True)
    for name, given in typed.items():
        values.setlist(name, given)
    return refill(PAGE, "m", values)


def test_every_kind_of_field_is_filled() -> None:
    page = filled(
        name=['He said "x"'], note=["two\nlines </textarea>"], how=["b"], many=["2"], place=["w2"], row=["1", "2"],
        secret=["typed"],
    )  # fmt: skip
    assert '<input type="text" name="name" required value="He said &quot;x&quot;">' in page
    assert "two\nlines &lt;/textarea&gt;</textarea>" in page
    assert '<input type="radio" name="how" value="a">' in page
    assert '<input type="radio" name="how" value="b" checked>' in page
    assert '<input type="checkbox" name="tick">' in page, "what was unticked stays unticked"
    assert '<input type="checkbox" name="many" value="2" checked>' in page
    assert '<option value="w1">' in page
    assert '<option value="w2" selected>' in page
    assert 'name="row" value="1"' in page
    assert 'name="row" value="2"' in page
    assert '<input type="password" name="secret">' in page


def test_nothing_outside_the_form_is_touched() -> None:
    page = filled(name=["new"])
    assert '<input name="name" value="other form">' in page
    assert '<input name="name" value="outside">' in page
    assert '<script>if (1 < 2 && "</p>") {}</script>' in page
    assert refill(PAGE, "not-there", QueryDict("name=new")) == PAGE


def test_what_has_no_field_any_more_is_shown() -> None:
    page = filled(gone=["a <long> note"], name=["x"])
    assert "<li>a &lt;long&gt; note</li>" in page
