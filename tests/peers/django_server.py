# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""One of the two Django servers, on loopback: django_server.py django_scim2|django_scim2_server PORT DATABASE TOKEN."""

from __future__ import annotations

import sys
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

KIND, PORT, DATABASE, TOKEN = sys.argv[1:] if __name__ == "__main__" else ("", "0", "", "")
urlpatterns: list[Any] = []


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_unused: Any) -> None:
        """Nothing: the tests read the answers."""


def is_allowed(request: Any) -> bool:
    return bool(request.headers.get("Authorization") == f"Bearer {TOKEN}")


def log_in(get_response: Any) -> Any:
    """The middleware that django-scim2 expects before its own."""

    def respond(request: Any) -> Any:
        request.user = SimpleNamespace(is_authenticated=is_allowed(request), is_anonymous=not is_allowed(request))
        return get_response(request)

    return respond


def configure() -> None:
    common: dict[str, Any] = {
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE, "OPTIONS": {"timeout": 20}}
        },
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "ROOT_URLCONF": "__main__",
        "SECRET_KEY": "of a test",
        "USE_TZ": True,
    }
    apps = ["django.contrib.auth", "django.contrib.contenttypes"]
    if KIND == "django_scim2":
        settings.configure(
            **common,
            AUTH_USER_MODEL="people.Person",
            INSTALLED_APPS=[*apps, "people", "django_scim"],
            MIDDLEWARE=["__main__.log_in", "django_scim.middleware.SCIMAuthCheckMiddleware"],
            SCIM_SERVICE_PROVIDER={
                "NETLOC": f"127.0.0.1:{PORT}",
                "SCHEME": "http",
                "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Bearer", "description": "A token"}],
            },
        )
    else:
        settings.configure(
            **common,
            INSTALLED_APPS=[*apps, "django_scim2_server"],
            SCIM2_SERVER_AUTH_CHECK="__main__.is_allowed",
        )


def main() -> None:
    configure()
    django.setup()
    routes = "django_scim.urls" if KIND == "django_scim2" else "django_scim2_server.urls"
    urlpatterns.append(path("scim/v2/", include(routes)))
    call_command("migrate", run_syncdb=True, verbosity=0)
    with make_server("127.0.0.1", int(PORT), get_wsgi_application(), Server, Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
