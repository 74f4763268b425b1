"""The pages of the offline app: its shell, its files under their version, its service worker, its words.

Nothing here knows who asks: the same bytes for everybody, so that they may be kept on the phone.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from kinweave.front.phone.shelf import File, shelf, words_bytes, worker_script
from kinweave.front.phone.words import languages, name_of_app

FOR_EVER = "public, max-age=31536000, immutable"  # an address with a version never holds anything else
ASK_AGAIN = "no-cache"


@require_safe
@ensure_csrf_cookie
def shell(request: Any) -> HttpResponse:
    """The app's one page."""
    return _sent(request, shelf().shell, ASK_AGAIN)


@require_safe
def file(request: Any, version: str, path: str) -> HttpResponse:
    """A file of this version; any other version's is gone."""
    here = shelf()
    found = here.files.get(path) if version == here.version else None
    if found is None:
        raise Http404
    return _sent(request, found, FOR_EVER)


@require_safe
def worker(request: Any) -> HttpResponse:
    """The service worker, which is new when anything in the app is."""
    return _plain(HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8"), ASK_AGAIN)


@require_safe
def words(request: Any, language: str) -> HttpResponse:
    """The app's words in one language."""
    if language not in languages():
        raise Http404
    return _plain(HttpResponse(words_bytes(language), content_type="application/json"), "public, max-age=300")


@require_safe
def manifest(request: Any) -> HttpResponse:
    """What makes the app one that can be put on a phone's first screen. Its name is the product's: nothing clinical."""
    icons = [
        {"src": f"/static/phone/icon-{n}.png", "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any maskable"}
        for n in (192, 512)
    ]
    told = {
        "name": name_of_app(), "short_name": name_of_app(), "start_url": "/phone/", "scope": "/phone/", "id": "/phone/",
        "display": "standalone", "background_color": "#fbf8f3", "theme_color": "#3a4a9f", "icons": icons,
    }  # fmt: skip
    return _plain(JsonResponse(told, content_type="application/manifest+json"), "public, max-age=3600")


def _sent(request: Any, file: File, kept: str) -> HttpResponse:
    zipped = file.zipped and "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(file.sent if zipped else file.body, content_type=file.content_type)
    if zipped:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    return _plain(answer, kept)


def _plain(answer: HttpResponse, kept: str) -> HttpResponse:
    answer["Cache-Control"] = kept
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
