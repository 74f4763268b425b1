"""Addresses of circles, referrals and hours. No address names a need, a partner or what a circle is about."""

from __future__ import annotations

from kinweave.front.desk import pages_circles as circles
from kinweave.front.desk import pages_hours as hours
from kinweave.front.desk import pages_referrals as referrals
from kinweave.front.routes import route

GET, POST = ("GET",), ("POST",)
CIRCLE = "circles/<uuid:circle_id>/"
PERSON = "people/<uuid:person_id>/asked-for/"
REFER = "connect.refer"

urlpatterns = [
    # Circles
    route("circles/", circles.circles, permission="gather.see", name="circles", methods=GET),
    route("circles/new/", circles.circle_new, permission="gather.keep", name="circle-new"),
    route(CIRCLE, circles.circle, permission="gather.see", name="circle", methods=GET),
    route(CIRCLE + "met/", circles.meeting, permission="gather.meet", name="circle-meeting"),
    route(
        CIRCLE + "met/<uuid:meeting_id>/undo/", circles.meeting_undo, permission="gather.meet",
        name="circle-meeting-undo", methods=POST,
    ),
    route(CIRCLE + "end/", circles.end, permission="gather.keep", name="circle-end"),
    # Referrals
    route(PERSON, referrals.referrals, permission=REFER, name="person-referrals", methods=GET),
    route(PERSON + "new/", referrals.referral_new, permission=REFER, name="referral-new"),
    route(PERSON + "<uuid:referral_id>/agreed/", referrals.referral_agreed, permission=REFER, name="referral-agreed"),
    route(
        PERSON + "<uuid:referral_id>/drop/", referrals.referral_drop, permission=REFER, name="referral-drop",
        methods=POST,
    ),
    # Hours
    route("hours/", hours.hours, permission="team.hours", name="hours"),
    route("hours/<uuid:hours_id>/undo/", hours.hours_undo, permission="team.hours", name="hours-undo", methods=POST),
]  # fmt: skip
