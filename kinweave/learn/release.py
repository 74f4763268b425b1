"""Make a draft of a community report: rebuild the lake, count, make safe, say it in words, put it on the shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Organisation, Place, Position
from kinweave.house.sequencer import sequence, site
from kinweave.learn import choices
from kinweave.learn.alone import alone
from kinweave.learn.build import build, lake_key
from kinweave.learn.build_places import place_number, places_by_number
from kinweave.learn.explore import write_explored
from kinweave.learn.explored import explored
from kinweave.learn.further import about_tables, further_tables, judged_basis
from kinweave.learn.grid import upwards
from kinweave.learn.indicators import CATALOGUE
from kinweave.learn.jobs import Say
from kinweave.learn.lake import Lake, open_lake
from kinweave.learn.languages import write_verdicts
from kinweave.learn.models import Models, all_models, write_models
from kinweave.learn.models_gaps import gaps_of
from kinweave.learn.noise import frozen_noise, house_noise, noisy
from kinweave.learn.periods import ends
from kinweave.learn.promised import promised
from kinweave.learn.release_tables import Basis, basis, instrument_facts, notes, safe_tables, worst_bands
from kinweave.learn.report import About, compose
from kinweave.learn.report_audience import COMMUNITY, TEMPLATES
from kinweave.learn.report_models import TOPICS
from kinweave.learn.report_numbers import Readable
from kinweave.learn.report_words import words
from kinweave.learn.strata import NAME as STRATA
from kinweave.measures.disclosure import SafeTable
from kinweave.published.actions import draft_release
from kinweave.published.frozen import FORMAT, content_hash, mark, sha256
from kinweave.published.problems import ReleaseNotFound
from kinweave.published.reads import fixed


class TooEarly(Problem):
    status, code = 409, "release-too-early"
    says = "This period is not over yet, or people were not asked again yet."
    remedy = "Choose an earlier period, or wait until it can be counted whole."


class NoSuchTemplate(Problem):
    status, code = 422, "release-template"
    says = "There is no report for these readers, or not in this language."
    remedy = "Choose from the list."


@dataclass(frozen=True)
class Made:
    """What one run made of the lake. people: the inhabitants of each place and year; above: the places around each."""

    on: Basis
    tables: list[SafeTable]
    models: Models
    people: list[Mapping[str, Any]]
    above: Mapping[int, list[int]]

    def inside(self, place: int) -> list[int]:
        return [one for one, around in self.above.items() if place in around]


def follow_up(months: int) -> int:
    """Months that must pass after a period before a report can be made of it."""
    return months + 1


def draft(
    place_id: UUID, period: int, by: Actor, say: Say = lambda step: None, today: date | None = None,
    template: str = COMMUNITY, chosen_languages: Sequence[str] = (),
) -> Mapping[str, Any]:  # fmt: skip
    """Make a draft for one kind of reader, in the site's languages or some of them.

    Returns {release, slug}. Raises a Problem: AtWork, TooEarly, ReleaseNotFound, NoSuchTemplate, …
    """
    wanted = _languages(chosen_languages)
    if template not in TEMPLATES:
        raise NoSuchTemplate()
    place = Place.objects.filter(id=place_id).first()
    homes = [r.organisation_id for r in by.reaches("published.draft")]
    if place is None or not homes:
        raise ReleaseNotFound()
    home = Organisation.objects.filter(id=homes[0]).first() if homes[0] else Organisation.objects.order_by("id").first()
    if home is None:
        raise ReleaseNotFound()
    today = today or timezone.localdate()
    if ends(period)[1] + follow_up(int(chosen.value(choices.MONTHS))) > today.year * 12 + today.month - 2:
        raise TooEarly()
    after, earlier = fixed()
    with alone() as held:
        say("lake")
        build(dimension=_dimension(), say=lambda step, rows: held.renew())
        lake = open_lake(settings.LAKE, lake_key())
        try:

            def go_on(step: str) -> None:
                held.renew()
                say(step)

            made = _made(lake, basis(lake, today), earlier, go_on)
        finally:
            lake.close()
    say("words")
    return _put(place, home, period, by, after, made, template, wanted, promised(home.id, place.path, period, today))


def explore_anew(say: Say = lambda step: None, today: date | None = None) -> None:
    """Make the safe tables of the lake as it stands, for the desk's pages. An empty lake leaves none.

    `say(step)` is called as each step is done.
    """
    lake = open_lake(settings.LAKE, lake_key())
    try:
        _made(lake, basis(lake, today or timezone.localdate()), fixed()[1], say, desk=True)
    finally:
        lake.close()


def _dimension() -> str:
    """The programme's own group that is looked at: the first that it defined."""
    own = chosen.value(chosen.DIMENSIONS)
    return str(own[0]["code"]) if own else ""


def _made(lake: Lake, on: Basis, earlier: list[Mapping[str, Any]], say: Say, desk: bool = False) -> Made:
    """desk: also what staff look at, which the night makes anew; a draft leaves that as the night left it."""
    on = judged_basis(lake, on, say)
    fixed_before = tuple(SafeTable.from_dict(one) for one in earlier)
    tables = safe_tables(lake, on, fixed_before, say)
    made_on, places = timezone.localdate().isoformat(), {n: str(one.id) for n, one in places_by_number().items()}
    models = all_models(lake, on, fixed_before, tables, say)
    if desk or explored() is None:
        # Last of all, so that what is released loses no number to what only the desk looks at.
        further = further_tables(lake, on, fixed_before, (*tables, *models.tables), say) if desk else []
        write_verdicts(on.verdicts, made_on)
        shown = [*tables, *(one.table for one in further)]
        write_explored(shown, made_on, on.months, places, chosen.value(choices.OUTCOME), about_tables(further))
        write_models(models, made_on, places)
    people = lake.places.select("place", "year", "population").to_pyarrow().to_pylist()
    return Made(on, [*tables, *models.tables], models, people, upwards(lake))


def _put(
    place: Place, home: Organisation, period: int, by: Actor, after: list[str], made: Made, template: str,
    wanted: list[str], promises: Mapping[str, Any],
) -> Mapping[str, Any]:  # fmt: skip
    on, tables = made.on, made.tables
    number = place_number(place.id)
    leaving = _leaving(made, number, period)
    about = About(
        place=number, place_name=place.name, organisation=home.name, period=period, months=on.months,
        reentry_months=_reentry(on), rules=on.rules, own_groups=_own_groups(), asked=_asked(on),
        models=leaving.models, noise=leaving.noise.get("error", 0),
        goal_months=on.goal_months, worst=worst_bands(on),
        promises=promises,
    )  # fmt: skip
    texts = {one: compose(about, leaving.tables, words(one), template) for one in wanted}
    plain = [table.to_dict() for table in tables]
    head = {**_head(wanted, template), "after": after, "place": number, "models": list(about.models)}
    if leaving.noise:
        head["noise"] = leaving.noise
    if promises:
        head["promises"] = promises
    inhabitants = {r["year"]: r["population"] for r in made.people if r["place"] == number}
    content = content_hash(head, texts, sha256(plain))
    done = draft_release(
        by=by, organisation_id=home.id, place_id=place.id, period=period, about=head, texts=texts, tables=plain,
        notes=notes(tables, number, inhabitants), mark=mark(content),
    )  # fmt: skip
    return done.result


@dataclass(frozen=True)
class Leaving:
    """What a report may say: its tables and models, and what stands in its CSV where the site wants noise (or {})."""

    tables: Mapping[str, Readable]
    models: tuple[Mapping[str, Any], ...]
    noise: dict[str, Any]


def _leaving(made: Made, place: int, period: int) -> Leaving:
    """As it was made; with noise, the models are worked out anew from the noisy numbers, and averages stay at home."""
    drawn = house_noise()
    if drawn is None:
        models = tuple(one for one in made.models.at(place, period, made.inside(place)) if one["topic"] in TOPICS)
        return Leaving({table.name: table for table in made.tables}, models, {})
    tables = noisy(made.tables, drawn)
    found = gaps_of(tables[STRATA]) if STRATA in tables else []
    models = tuple(one for one in found if (one["place"], one["period"]) == (place, period))
    return Leaving(tables, models, frozen_noise(tables, drawn, place))


def _languages(asked: Sequence[str]) -> list[str]:
    """Those asked for, in the site's order; all where none is named. Raises NoSuchTemplate."""
    found = choices.offered_languages()
    if set(asked) - set(found):
        raise NoSuchTemplate()
    return [one for one in found if one in asked] or found


def _reentry(on: Basis) -> int:
    parameters = on.parameters("re-entry")
    return parameters.reentry_months if parameters else 0


def _head(wanted: list[str], template: str) -> dict[str, Any]:
    """What the release is, and where the journal stood when it was made."""
    sequence()
    last = Position.objects.order_by("-position").first()
    here = site()
    chain = {"position": last.position, "digest": bytes(last.digest).hex()} if last else {"position": 0, "digest": ""}
    return {
        "format": FORMAT, "template": template, "languages": wanted, "chain": chain,
        "invented": bool(settings.KINWEAVE_INVENTED or here.invented),
    }  # fmt: skip


def _own_groups() -> dict[str, str]:
    own = chosen.value(chosen.DIMENSIONS)
    return {str(c["code"]): str(c.get("name") or c["code"]) for c in own[0]["choices"]} if own else {}


def _asked(on: Basis) -> dict[str, Any]:
    """What readers are told of the questionnaire: never its clinical name, but the source of its figure."""
    measure = chosen.value(choices.OUTCOME)
    facts = instrument_facts(on.instruments, measure)
    if facts is None or facts.reliable_change is None:
        return {}
    found = on.instruments[measure["instrument"]]
    shown = {language: wording.shown_as for language, wording in found.wordings.items() if wording.shown_as}
    return {
        "shown": shown, "points": _whole(facts.reliable_change), "lowest": _whole(facts.lowest),
        "highest": _whole(facts.highest), "citation": facts.citation, "instrument": facts.slug, "scale": facts.scale,
    }  # fmt: skip


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def catalogue() -> list[str]:
    """The indicators a report can hold, by slug."""
    return list(CATALOGUE)
