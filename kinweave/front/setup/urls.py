"""Addresses of the set-up."""

from __future__ import annotations

from django.urls import path

from kinweave.front.setup import begin, pages, phones

urlpatterns = [
    path("set-up/", pages.home, name="setup"),
    path("set-up/begin/<str:text>/", begin.begin, name="setup-begin"),
    path("set-up/phone/<str:code>/", phones.phone, name="setup-phone"),
    path("set-up/<slug:slug>/", pages.step, name="setup-step"),
]
