"""The API's addresses. All actions are registered when this is loaded: apps are ready before addresses."""

from __future__ import annotations

from kinweave.front.api import api

urlpatterns = api.urls[0]
app_name = "api"
