"""Addresses of the reports on the desk: evaluators, coordinators, and the voice of people who use services."""

from __future__ import annotations

from kinweave.front.desk import pages_releases as pages
from kinweave.front.desk.pages_behind import behind
from kinweave.front.desk.pages_languages import languages
from kinweave.front.desk.pages_losses import losses
from kinweave.front.desk.pages_numbers import SEE, numbers
from kinweave.front.desk.pages_release_stories import release_stories
from kinweave.front.routes import route

GET, POST = ("GET",), ("POST",)
READS, DRAFTS, SIGNS, VOICE = "published.read", "published.draft", "published.sign", "published.voice"
ONE = "releases/<uuid:release_id>/"

urlpatterns = [
    route("numbers/", numbers, name="numbers", permission=SEE, methods=GET),
    route("numbers/losses/", losses, name="losses", permission=SEE, methods=GET),
    route("numbers/behind/", behind, name="numbers-behind", permission=SEE, methods=GET),
    route("numbers/languages/", languages, name="numbers-languages", permission=SEE, methods=GET),
    route("releases/", pages.releases, name="releases", permission=READS, methods=GET),
    route("releases/new/", pages.release_new, name="release-new", permission=DRAFTS),
    route("releases/making/<slug:job>/", pages.release_making, name="release-making", permission=DRAFTS, methods=GET),
    route(ONE, pages.release, name="release", permission=READS, methods=GET),
    route(f"{ONE}reading/", pages.release_reading, name="release-reading", permission=DRAFTS, methods=POST),
    route(f"{ONE}stories/", release_stories, name="release-stories", permission=DRAFTS),
    route(f"{ONE}sign/", pages.release_sign, name="release-sign", permission=SIGNS, methods=POST),
    route(f"{ONE}voice/", pages.release_voice, name="release-voice", permission=VOICE, methods=POST),
    route(f"{ONE}drop/", pages.release_drop, name="release-drop", permission=DRAFTS, methods=POST),
    route(f"{ONE}withdraw/", pages.release_withdraw, name="release-withdraw", permission=SIGNS, methods=POST),
]
