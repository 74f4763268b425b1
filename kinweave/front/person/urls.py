"""Addresses of a person's own page. They say nothing; the token works once."""

from __future__ import annotations

from kinweave.front.person import pages
from kinweave.front.routes import OWN, PUBLIC, route

urlpatterns = [
    route("mine/", pages.mine, permission=OWN, name="mine", methods=("GET",)),
    route("mine/wrong/", pages.mine_wrong, permission=OWN, name="mine-wrong", methods=("POST",)),
    route("mine/agreed/<uuid:consent_id>/", pages.mine_back, permission=OWN, name="mine-back"),
    route("mine/story/<uuid:story_id>/", pages.mine_story, permission=OWN, name="mine-story"),
    route("mine/story/<uuid:story_id>/remove/", pages.mine_story_remove, permission=OWN, name="mine-story-remove"),
    route("mine/close/", pages.mine_close, permission=OWN, name="mine-close", methods=("POST",)),
    route("mine/<slug:token>/", pages.mine_open, permission=PUBLIC, name="mine-open"),
]
