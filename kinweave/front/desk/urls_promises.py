"""Addresses of the register of promises. No address names who made one or what it is about."""

from __future__ import annotations

from kinweave.decide.reads import KEEP, SEE
from kinweave.front.desk import pages_promises as pages
from kinweave.front.routes import route

GET, POST = ("GET",), ("POST",)
ONE = "promises/<uuid:promise_id>/"

urlpatterns = [
    route("promises/", pages.promises, name="promises", permission=SEE, methods=GET),
    route("promises/new/", pages.promise_new, name="promise-new", permission=KEEP),
    route(ONE, pages.promise, name="promise", permission=SEE, methods=GET),
    route(f"{ONE}kept/", pages.kept, name="promise-kept", permission=KEEP, methods=POST),
    route(f"{ONE}asked/", pages.asked, name="promise-asked", permission=KEEP, methods=POST),
    route(f"{ONE}reply/", pages.reply, name="promise-reply", permission=KEEP, methods=POST),
    route(f"{ONE}drop/", pages.drop, name="promise-drop", permission=KEEP, methods=POST),
    route(f"{ONE}reopen/", pages.reopen, name="promise-reopen", permission=KEEP, methods=POST),
]
