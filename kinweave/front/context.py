"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from kinweave.house.sequencer import site


def page(request: Any) -> dict[str, Any]:
    """`invented` marks a demonstration on every page; `actor` is who is signed in."""
    return {
        "actor": getattr(request, "actor", None),
        "invented": settings.KINWEAVE_INVENTED or site().invented,
        "exit_url": settings.KINWEAVE_EXIT_URL,
    }
