"""A release goes out as it was made and read, under two names, or not at all."""

from __future__ import annotations

import copy

import pytest

from kinweave.core.problems import Problem
from kinweave.front.report.document import document
from kinweave.house.access import SYSTEM, NotAllowed
from kinweave.house.actions import change_setting, grant_role
from kinweave.published import reads
from kinweave.published.actions import drop_draft, set_reading, sign_release, voice_release, withdraw_release
from kinweave.published.actions.common import Missing
from kinweave.published.choices import NEEDS_VOICE
from kinweave.published.models import Release, Signature
from tests.published.make import content, draft, read

pytestmark = pytest.mark.django_db


def sign(world, release, by):
    row = Release.objects.get(id=release)
    action = voice_release if by == "imani" else sign_release
    return action(by=world.actor(by), release_id=release, hash=row.hash).result["state"]


def publish(world, **more):
    made = draft(world, **more)
    read(world, made["release"])
    sign(world, made["release"], "gloria")
    sign(world, made["release"], "farai")
    sign(world, made["release"], "imani")
    return made


def code_of(call):
    with pytest.raises(Problem) as fault:
        call()
    return fault.value.code


def test_two_signatures_and_a_voice_publish_what_was_read(world):
    made = draft(world)
    assert code_of(lambda: reads.public(made["slug"])) == "release-not-found"
    read(world, made["release"])
    assert sign(world, made["release"], "gloria") == "signed"
    assert sign(world, made["release"], "imani") == "signed"
    assert sign(world, made["release"], "farai") == "published"
    row = reads.public(made["slug"])
    assert row.published_at is not None
    assert reads.is_intact(row)
    assert [one.role for one in reads.signatures(row)] == ["evaluator", "voice", "coordinator"]
    assert made["slug"] == "w1-2025"


def test_two_alone_do_not_publish_unless_the_site_chose_so(world):
    release = draft(world)["release"]
    read(world, release)
    assert [sign(world, release, name) for name in ("gloria", "farai")] == ["signed", "signed"]
    assert reads.waits_for(Release.objects.get(id=release)) == Missing(0, True)
    change_setting(by=world.actor("hope"), key=NEEDS_VOICE, value=False)
    other = draft(world)["release"]
    read(world, other)
    assert [sign(world, other, name) for name in ("gloria", "farai")] == ["signed", "published"]
    row = Release.objects.select_related("place").get(id=other)
    proof = document(row, "en", reads.signatures(row))["proof"]
    assert "No organisation of people who use services has signed this." in proof[1][1]


def test_the_voice_signs_once_and_not_for_the_two(world):
    release = draft(world)["release"]
    read(world, release)
    assert sign(world, release, "imani") == "signed"
    assert code_of(lambda: sign(world, release, "imani")) == "second-person"
    assert reads.waits_for(Release.objects.get(id=release)) == Missing(2, False)
    grant_role(by=SYSTEM, account_id=world.accounts["baraka"].id, role="voice", organisation_id=world.organisation)
    hash_ = Release.objects.get(id=release).hash
    assert code_of(lambda: voice_release(by=world.actor("baraka"), release_id=release, hash=hash_)) == "voice-signed"
    with pytest.raises(NotAllowed):
        sign_release(by=world.actor("imani"), release_id=release, hash=hash_)


def test_nobody_signs_before_the_meeting_has_read_it(world):
    release = draft(world)["release"]
    assert code_of(lambda: sign(world, release, "farai")) == "reading-needed"
    set_reading(by=world.actor("farai"), release_id=release, reading={"en": "Good."}, wrong={"ar": "ربما"})
    assert code_of(lambda: sign(world, release, "farai")) == "reading-needed"


def test_one_person_cannot_sign_twice(world):
    release = draft(world)["release"]
    read(world, release)
    sign(world, release, "farai")
    assert code_of(lambda: sign(world, release, "farai")) == "second-person"


def test_a_change_after_a_signature_makes_it_void(world):
    release = draft(world)["release"]
    read(world, release)
    sign(world, release, "farai")
    old = Release.objects.get(id=release).hash
    set_reading(by=world.actor("gloria"), release_id=release, reading={"en": "Other."}, wrong={"en": "Words."})
    assert Release.objects.get(id=release).state == "draft"
    assert not Signature.objects.filter(void=False).exists()
    stale = lambda: sign_release(by=world.actor("gloria"), release_id=release, hash=old)  # noqa: E731
    assert code_of(stale) == "release-changed"
    assert sign(world, release, "gloria") == "signed"


def test_keeping_the_same_words_keeps_the_signature(world):
    release = draft(world)["release"]
    read(world, release)
    sign(world, release, "farai")
    read(world, release, by="gloria")
    assert Signature.objects.filter(void=False).count() == 1


@pytest.mark.parametrize("name", ["amina", "dalia", "hope"])
def test_only_those_who_may_draft_and_sign(world, name):
    release = draft(world)["release"]
    read(world, release)
    with pytest.raises(NotAllowed):
        sign(world, release, name)
    with pytest.raises(NotAllowed):
        draft(world, by=name)


def test_numbers_from_elsewhere_are_refused(world):
    from kinweave.house.models import Place

    good = content(Place.objects.get(id=world.wards[0]))
    raised = copy.deepcopy(good["tables"])
    raised[0]["cells"][0]["n"] = 9
    assert code_of(lambda: draft(world, tables=raised)) == "release-not-from-here"
    assert code_of(lambda: draft(world, mark="0" * 64)) == "release-not-from-here"
    assert not Release.objects.exists()


def test_a_marked_table_that_is_not_safe_is_refused_too(world):
    from kinweave.house.models import Place
    from kinweave.published.frozen import content_hash, mark, sha256

    good = content(Place.objects.get(id=world.wards[0]))
    good["tables"][0]["cells"][0]["n"] = 3
    sealed = mark(content_hash(good["about"], good["texts"], sha256(good["tables"])))
    assert code_of(lambda: draft(world, **{**good, "mark": sealed})) == "release-not-from-here"


def test_a_draft_made_before_another_report_went_out_is_overtaken(world):
    first, second = draft(world, n=400), draft(world, n=440)
    for made in (first, second):
        read(world, made["release"])
        sign(world, made["release"], "gloria")
        sign(world, made["release"], "imani")
    assert sign(world, first["release"], "farai") == "published"
    assert code_of(lambda: sign(world, second["release"], "farai")) == "release-overtaken"
    known = tuple(reads.fixed()[0])
    third = draft(world, n=440, after=known)
    read(world, third["release"])
    sign(world, third["release"], "gloria")
    sign(world, third["release"], "imani")
    assert sign(world, third["release"], "farai") == "published"


def test_the_same_numbers_in_two_reports_do_not_overtake_each_other(world):
    for made in (draft(world), draft(world)):
        read(world, made["release"])
        sign(world, made["release"], "gloria")
        sign(world, made["release"], "imani")
        assert sign(world, made["release"], "farai") == "published"


def test_taken_back_it_stays_with_its_reason_and_binds_later_releases(world):
    made = publish(world)
    assert code_of(lambda: withdraw_release(by=world.actor("farai"), release_id=made["release"], note="no")) == (
        "note-needed"
    )
    withdraw_release(by=world.actor("farai"), release_id=made["release"], note="Two wards were swapped.")
    row = reads.public(made["slug"])
    assert (row.state, row.withdrawn_note) == ("withdrawn", "Two wards were swapped.")
    assert len(reads.fixed()[1]) == 2
    assert reads.newest() is None


def test_what_is_published_cannot_be_changed_or_dropped(world):
    release = publish(world)["release"]
    assert code_of(lambda: read(world, release)) == "release-wrong-time"
    assert code_of(lambda: drop_draft(by=world.actor("farai"), release_id=release)) == "release-wrong-time"


def test_a_text_changed_in_the_database_is_seen(world):
    made = publish(world)
    row = Release.objects.get(id=made["release"])
    row.texts["en"]["summary"] = "Of ten people, ten felt better."
    row.save()
    assert not reads.is_intact(reads.public(made["slug"]))


def test_a_dropped_draft_is_gone_from_the_list(world):
    made = draft(world)
    drop_draft(by=world.actor("gloria"), release_id=made["release"])
    assert reads.for_desk(world.actor("farai")) == []


def test_another_organisation_sees_nothing(world):
    from kinweave.house.access import SYSTEM, Actor
    from kinweave.house.actions import add_organisation, grant_role
    from tests.world import account

    made = draft(world)
    other = add_organisation(by=SYSTEM, name="Others").result["organisation"]
    one = account("juma")
    grant_role(by=SYSTEM, account_id=one.id, role="evaluator", organisation_id=other)
    juma = Actor.of(one.id)
    assert reads.for_desk(juma) == []
    assert code_of(lambda: reads.one_for_desk(juma, made["release"])) == "release-not-found"


def test_rows_come_back_from_the_journal(world):
    """Every row of the shelf is what its entries make of it."""
    from kinweave.house import rows
    from kinweave.house.journal import parts_of, rows_of
    from kinweave.house.models import Entry

    made = publish(world)
    withdraw_release(by=world.actor("farai"), release_id=made["release"], note="Two wards were swapped.")
    before = (list(Release.objects.values()), list(Signature.objects.order_by("id").values()))
    Signature.objects.all().delete()
    Release.objects.all().delete()
    entries = Entry.objects.filter(action__startswith="published.").order_by("serial")
    for part in parts_of(list(entries)):
        rows.write(rows_of(part))
    assert (list(Release.objects.values()), list(Signature.objects.order_by("id").values())) == before
