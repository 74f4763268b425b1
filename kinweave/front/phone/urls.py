"""Addresses that the offline app talks to. Who may is decided by token, in `api`."""

from __future__ import annotations

from django.urls import path

from kinweave.front.phone import api

urlpatterns = [
    path("phone/api/devices", api.register, name="phone-devices"),
    path("phone/api/envelopes", api.envelopes, name="phone-envelopes"),
    path("phone/api/changes", api.changes, name="phone-changes"),
    path("phone/audio/<slug:key>/<slug:language>/<str:name>", api.audio, name="phone-audio"),
    path("phone/api/instruments", api.instruments, name="phone-instruments"),
]
