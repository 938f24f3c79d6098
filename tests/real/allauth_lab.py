"""A Django site with allauth: sign-in with a second factor, and an OpenID provider; all in this one file."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

HERE = Path(os.environ["LAB_FOLDER"])

settings.configure(
    SECRET_KEY=os.environ["LAB_SECRET"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    STATIC_URL="static/",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "lab.sqlite3"}},
    # One process: what is counted of failed attempts is seen by every request.
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.humanize",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.idp.oidc",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    ACCOUNT_EMAIL_VERIFICATION="none",
    LOGIN_REDIRECT_URL="/me",
    IDP_OIDC_PRIVATE_KEY=os.environ.get("LAB_KEY", ""),
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()


def me(request: object) -> HttpResponse:
    """Who is signed in, as JSON."""
    user = getattr(request, "user")  # noqa: B009 - Django's types are not here
    if not user.is_authenticated:
        return JsonResponse({"detail": "Not authenticated"}, status=401)
    return JsonResponse({"user": user.username})


urlpatterns = [
    path("", include("allauth.idp.urls")),
    path("accounts/", include("allauth.urls")),
    path("me", me),
]
application = get_wsgi_application()


def _fill() -> None:
    from allauth.idp.oidc.models import Client
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import get_user_model

    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    for name in ("probe", "careful", "hasty"):
        user = users.create_user(name, f"{name}@example.test", os.environ["LAB_PASSWORD"])
        if name == "careful":
            TOTP.activate(user, os.environ["LAB_SEED"])
    client = Client(
        id="prober",
        name="prober",
        scopes="openid\nemail",
        grant_types="authorization_code\nclient_credentials\nrefresh_token",
        redirect_uris="https://app.example.test/callback",
    )
    client.set_secret(os.environ["LAB_CLIENT_SECRET"])
    client.save()


if __name__ == "__main__":
    _fill()
