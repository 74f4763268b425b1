"""Addresses of the offline app itself; what it talks to is in `urls.py`."""

from __future__ import annotations

from django.urls import path

from kinweave.front.phone import pages

urlpatterns = [
    path("phone/", pages.shell, name="phone"),
    path("phone/sw.js", pages.worker, name="phone-worker"),
    path("phone/manifest.webmanifest", pages.manifest, name="phone-manifest"),
    path("phone/words/<slug:language>.json", pages.words, name="phone-words"),
    path("phone/v/<slug:version>/<path:path>", pages.file, name="phone-file"),
]
