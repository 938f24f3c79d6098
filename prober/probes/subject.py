"""What checks look at, made from a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.http.expect import Subject, text_of

if TYPE_CHECKING:
    from prober.http.message import Response
    from prober.model.run import Run

__all__ = ["subject_of"]


def subject_of(response: Response, run: Run, *, duration_ns: int | None = None) -> Subject:
    """The subject of one response; ``duration_ns`` where the check's duration is not the response's own."""
    return Subject(
        status=response.status,
        headers=response.headers,
        cookies=response.cookies,
        url=response.url,
        body=response.body,
        text=text_of(response.body, response.headers.get("Content-Type")),
        duration_ns=response.duration_ns if duration_ns is None else duration_ns,
        wire_bytes=response.wire_bytes,
        redirects=len(response.hops),
        certificate_expiry=response.certificate_expiry,
        http_version=response.http_version,
        now=run.clock.wall_ns() / 1e9,
    )
