"""Domain errors: what can go wrong, with a stable code, an HTTP status and a sentence in zh and en.

    DomainError
    ├── InvalidInput         400  the request cannot be read, or a field is wrong
    ├── NotSignedIn          401
    ├── Forbidden            403
    ├── NotFound             404
    ├── Conflict             409  (a feature's own errors mostly descend from here)
    │   └── ChangedMeanwhile 409  somebody else was quicker: the same again may succeed
    ├── PayloadTooLarge      413
    ├── Unprocessable        422
    ├── TooManyRequests      429
    └── Unavailable          503  an upstream did not answer

A feature's errors stand beside its domain functions and descend from one of these. Each keeps the values it
is about; they are filled into the sentences and leave as members of the problem document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from xinyi_platform.language import Language, Text


class DomainError(Exception):
    """Something the caller should know. `values` must never hold personal data."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    text: ClassVar[Text] = Text("服务器内部错误,请稍后再试。", "Something went wrong on our side; try again later.")

    def __init__(self, **values: object) -> None:
        super().__init__(self.code)
        self.values = values

    def explain(self, language: Language) -> str:
        """Return the sentence for the reader, with the values filled in."""
        return self.text.format(**self.values).read(language)


class InvalidInput(DomainError):
    """The request cannot be read. `fields` in the values lists `{"field", "message"}` rows when known."""

    code = "invalid_input"
    status = 400
    text = Text("请求内容有误,请检查后重试。", "The request has errors; correct them and try again.")


class InvalidField(InvalidInput):
    """One field is wrong. Values: `field`, `zh` and `en` (what is wrong with it)."""

    code = "invalid_field"
    text = Text("{zh}", "{en}")


class NotSignedIn(DomainError):
    code = "not_signed_in"
    status = 401
    text = Text("请先登录。", "Sign in first.")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    text = Text("您没有权限进行此操作。", "You may not do this.")


class FormExpired(Forbidden):
    """The form token is missing or old. JSON callers with a session send it in the header X-CSRFToken."""

    code = "form_expired"
    text = Text(
        "页面已过期,请返回刷新后重新提交。", "This page has expired; go back, reload it and send the form again."
    )


class NotFound(DomainError):
    """Also the answer for another person's object, so that its existence is not told."""

    code = "not_found"
    status = 404
    text = Text("没有找到您要的内容。", "There is nothing here by that name.")


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"
    status = 405
    text = Text("此地址不支持该请求方式。", "This address does not take that method.")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    text = Text("当前状态不允许此操作。", "The current state does not allow this.")


class ChangedMeanwhile(Conflict):
    """Somebody else changed it between its reading and its writing; tried again it may succeed."""

    code = "changed_meanwhile"
    text = Text("内容已被他人更改,请刷新后重试。", "Somebody else has changed this; look again and retry.")


class TransitionForbidden(Conflict):
    """A state machine has no such edge. Values: `kind`, `state`, `event`."""

    code = "transition_forbidden"
    text = Text(
        "当前状态下不能进行这一步,请刷新后再看。", "This step is not possible in the current state; look again."
    )


class PayloadTooLarge(DomainError):
    code = "payload_too_large"
    status = 413
    text = Text("提交的内容过大。", "What was sent is too large.")


class Unprocessable(DomainError):
    code = "unprocessable"
    status = 422
    text = Text("请求无法处理。", "The request cannot be processed.")


class TooManyRequests(DomainError):
    """Values: `retry_after_seconds`."""

    code = "too_many_requests"
    status = 429
    text = Text(
        "操作过于频繁,请在{retry_after_seconds}秒后再试。",
        "Too many requests; try again in {retry_after_seconds} s.",
    )


class Unavailable(DomainError):
    code = "unavailable"
    status = 503
    text = Text("服务暂时不可用,请稍后再试。", "The service is not available just now; try again later.")


def all_errors(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every error class there is, the root first."""
    yield root
    for child in root.__subclasses__():
        yield from all_errors(child)
