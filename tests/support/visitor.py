"""A person at a browser without script: loads pages, fills in forms, keeps cookies."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pyotp

TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
TAGS = re.compile(r"<(script|style).*?</\1>|<[^>]+>", re.DOTALL)


class Visitor(httpx.Client):
    """Speaks to a running server; follows redirects and sends each form's token along."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, follow_redirects=True, timeout=30)

    def read(self, path: str, *, status: int = 200) -> str:
        """Return the text of a page as a person reads it."""
        answer = self.get(path)
        assert answer.status_code == status, (path, answer.status_code, text_of(answer.text)[:400])
        return text_of(answer.text)

    def submit(
        self, page: str, action: str, fields: dict[str, Any], *, status: int = 200, files: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Load the page that holds a form, and post to the form's action."""
        token = TOKEN.search(self.get(page).text)
        hidden = {"_csrf_token": html.unescape(token[1])} if token else {}
        answer = self.post(action, data={**hidden, **fields}, files=files)
        assert answer.status_code == status, (action, answer.status_code, text_of(answer.text)[:600])
        return answer

    def sign_in_to_work(self, surface: str, login: dict[str, Any]) -> None:
        """Sign in to the portal or the console with password and one-time code."""
        self.submit(
            f"/{surface}/sign-in",
            f"/{surface}/sign-in",
            {
                "username": login["name"],
                "password": login["secret"],
                "totp": pyotp.TOTP(login["totp"]).now(),
                "next": "",
            },
        )


def text_of(markup: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", html.unescape(TAGS.sub(" ", markup)))


def field_of(markup: str, name: str) -> str:
    """Return the value of a form's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', markup)
    assert found, f"no field {name}"
    return html.unescape(found[1])
