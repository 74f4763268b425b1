"""A ready configuration for Caddy, the server in front that brings trusted HTTPS."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

TEXT = """# Written by Kinweave's set-up. Start with: caddy run --config {path}
# Certificates are fetched and renewed by Caddy itself. The site then needs:
#   KINWEAVE_URL=https://{host}  KINWEAVE_HOSTS={host},localhost
{host} {{
	encode zstd gzip
	request_body {{
		max_size 60MB
	}}
	reverse_proxy 127.0.0.1:{port} {{
		header_up X-Forwarded-For {{remote_host}}
	}}
	log {{
		output discard
	}}
}}
"""


def write(host: str) -> Path:
    """Write KINWEAVE_HOME/Caddyfile; returns its path. Access logs are off: who opened what is not ours to keep."""
    path = Path(settings.HOME) / "Caddyfile"
    text = TEXT.format(path=path.name, host=host, port=int(os.environ.get("PORT") or 8000))
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
    return path
