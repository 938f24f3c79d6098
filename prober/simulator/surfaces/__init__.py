"""The table of contents of a company's surfaces: one file a surface, one line here."""

from __future__ import annotations

from prober.simulator.surfaces import (
    chat,
    embeddings,
    gemini,
    history,
    images,
    interactions,
    login,
    messages,
    models,
    moderation,
    oidc,
    ollama,
    responses,
    second_factor,
    session,
    signup,
    status_page,
    veo,
    video,
    web,
)

__all__ = ["ROUTES"]

ROUTES = (
    *web.ROUTES,
    *login.ROUTES,
    *second_factor.ROUTES,
    *oidc.ROUTES,
    *signup.ROUTES,
    *session.ROUTES,
    *history.ROUTES,
    *chat.ROUTES,
    *responses.ROUTES,
    *messages.ROUTES,
    *gemini.ROUTES,
    *interactions.ROUTES,
    *ollama.ROUTES,
    *models.ROUTES,
    *embeddings.ROUTES,
    *moderation.ROUTES,
    *images.ROUTES,
    *video.ROUTES,
    *veo.ROUTES,
    *status_page.ROUTES,
)
