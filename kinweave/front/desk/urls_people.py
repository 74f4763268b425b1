"""Addresses of today's list and of everything about people. No address ever holds a name."""

from __future__ import annotations

from kinweave.front.desk import pages_agreed as agreed
from kinweave.front.desk import pages_change as change
from kinweave.front.desk import pages_people as people
from kinweave.front.desk import pages_person as person
from kinweave.front.desk import pages_same as same
from kinweave.front.desk import pages_stories as told
from kinweave.front.desk.pages_today import today_page
from kinweave.front.desk.pages_welcome import person_new
from kinweave.front.routes import route

GET = ("GET",)
ONE = "people/<uuid:person_id>/"
STORY = told.STORY

urlpatterns = [
    route("today/", today_page, permission="due.own", name="today", methods=GET),
    route("people/", people.people_list, permission="people.see", name="people", methods=GET),
    route("people/find/", people.people_find, permission="people.see", name="people-find"),
    route("people/new/", person_new, permission="people.register", name="person-new"),
    route("people/need/", people.people_need, permission="break.glass", name="people-need"),
    route("people/openings/", people.waiting_openings, permission="reads.see", name="openings", methods=GET),
    route("people/openings/<uuid:glass_id>/", people.opening, permission="reads.see", name="opening"),
    route("people/said/", people.waiting_answers, permission="reads.see", name="contests", methods=GET),
    route("people/said/<uuid:contest_id>/", agreed.contest_answer, permission="people.merge", name="contest"),
    route("people/same/", same.people_same, permission="people.merge", name="people-same", methods=GET),
    route(
        "people/same/<uuid:one_id>/<uuid:other_id>/", same.people_compare, permission="people.merge",
        name="people-compare",
    ),
    route("people/same/<uuid:person_id>/apart/", same.people_unmerge, permission="people.merge", name="people-unmerge"),
    # One person.
    route(ONE, person.person, permission="people.see", name="person", methods=GET),
    route(ONE + "happened/", person.happened, permission="people.see", name="person-happened", methods=GET),
    route(ONE + "looked/", person.who_looked_page, permission="reads.see", name="person-looked", methods=GET),
    route(ONE + "held/", person.held, permission="people.see", name="person-held", methods=GET),
    route(ONE + "agreed/", person.consents, permission="people.see", name="person-consents", methods=GET),
    route(ONE + "agreed/new/", agreed.consent_new, permission="consent.record", name="consent-new"),
    route(
        ONE + "agreed/<uuid:consent_id>/back/", agreed.consent_withdraw, permission="consent.withdraw",
        name="consent-withdraw",
    ),
    route(ONE + "change/", change.person_change, permission="people.change", name="person-change"),
    route(ONE + "contacts/new/", change.contact_new, permission="people.change", name="contact-new"),
    route(ONE + "contacts/<uuid:contact_id>/end/", change.contact_end, permission="people.change", name="contact-end"),
    route(ONE + "close/new/", change.tie_new, permission="people.change", name="tie-new"),
    route(ONE + "close/<uuid:tie_id>/end/", change.tie_end, permission="people.change", name="tie-end"),
    route(ONE + "home/", change.person_move, permission="people.change", name="person-move"),
    route(ONE + "worker/", change.person_assign, permission="care.assign", name="person-assign"),
    route(ONE + "goals/new/", change.goal_new, permission="care.act", name="goal-new"),
    route(ONE + "goals/<uuid:goal_id>/", change.goal_state, permission="care.act", name="goal-state"),
    route(ONE + "stories/", told.person_stories, permission=STORY, name="person-stories", methods=("GET",)),
    route(ONE + "stories/new/", told.story_new, permission=STORY, name="story-new"),
    route(ONE + "stories/<uuid:story_id>/", told.story_change, permission=STORY, name="story-change"),
    route(ONE + "stories/<uuid:story_id>/remove/", told.story_remove, permission=STORY, name="story-remove"),
    route(
        ONE + "stories/<uuid:story_id>/agreed/", told.story_agreed, permission="consent.record", name="story-agreed"
    ),
    route(
        ONE + "stories/<uuid:story_id>/shown/", told.story_told_back, permission=STORY, name="story-told-back",
        methods=("POST",),
    ),
    route(ONE + "link/", agreed.link_new, permission="people.link", name="link-new"),
]  # fmt: skip
