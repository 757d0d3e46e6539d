"""What crosses the wire to the bureau and back: compact JWS with EdDSA both ways.

A question names one subject, the fields asked, the purpose and the consent. An answer echoes the question's id
and subject and carries its own time, so that an answer to another question, about another person, or from
yesterday is not taken for this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

STANDINGS = ("good", "minor", "general", "serious")
FIELDS = ("standing", "black_listed")
QUESTION_SECONDS = 60
MOST_NEWS = 100
OLDEST_ANSWER = timedelta(minutes=5)
# What an answer may say: the registered claims of a JWT, its own time, and the fields that were asked.
_ALLOWED = frozenset({"iss", "aud", "jti", "sub", "iat", "exp", "nbf", "as_of", *FIELDS})


class GarbledAnswer(Exception):
    """The answer cannot be trusted: signature, echo, time or content does not fit."""


@dataclass(frozen=True, slots=True)
class BureauStatus:
    """What the bureau says of a subject, and of which instant that is."""

    standing: str
    black_listed: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `subject` is an identity number, which never enters a log, or by `kind` a business's uscc."""

    id: str
    subject: str
    purpose: str
    consent: str
    kind: str = "identity_number"


class BureauNews(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is new for lists: an `entry` to mirror, a `repair` that was decided, or a `death`.

    `number` counts up and never comes twice for two things; `fields` are texts by name.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
    kind: Literal["entry", "repair", "death"]
    fields: dict[str, Annotated[str, msgspec.Meta(max_length=400)]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one order was kept: in_time or late. The same id is the same outcome, however often it comes."""

    id: str
    subject: str
    kept: str
    consent: str


def sign_question(key: Ed25519PrivateKey, kid: str, issuer: str, question: Question, now: datetime) -> str:
    """Return the question as a JWS, good for a minute."""
    claims = {
        "iss": issuer,
        "aud": "bureau",
        "jti": question.id,
        "sub": question.subject,
        "kind": question.kind,
        "fields": list(FIELDS),
        "purpose": question.purpose,
        "consent": question.consent,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + QUESTION_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def sign_outcome(key: Ed25519PrivateKey, kid: str, issuer: str, outcome: Outcome, now: datetime) -> str:
    """Return how an order was kept as a JWS, good for a minute. `jti` is the outcome's own id at every try."""
    claims = {
        "iss": issuer,
        "aud": "bureau",
        "jti": outcome.id,
        "sub": outcome.subject,
        "kind": "identity_number",
        "kept": outcome.kept,
        "purpose": "outcome.bureau",
        "consent": outcome.consent,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + QUESTION_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def sign_news_question(
    key: Ed25519PrivateKey, kid: str, issuer: str, question_id: str, after: int, now: datetime
) -> str:
    """Return the question for what is new after a number as a JWS, good for a minute."""
    claims = {
        "iss": issuer,
        "aud": "bureau",
        "jti": question_id,
        "after": after,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + QUESTION_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def read_question(token: str, keys: dict[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return what a question or an outcome claims, for the bureau's side. Raises jwt.InvalidTokenError, KeyError."""
    kid = str(jwt.get_unverified_header(token)["kid"])
    claims: dict[str, Any] = jwt.decode(token, keys[kid], algorithms=["EdDSA"], audience="bureau", leeway=30)
    return claims


def sign_answer(
    key: Ed25519PrivateKey, kid: str, question: dict[str, Any], status: dict[str, object], now: datetime
) -> str:
    """Return the bureau's answer to a question as a JWS, with no more than was asked."""
    asked = {name: status[name] for name in question["fields"] if name in status}
    claims = {
        "iss": "bureau",
        "aud": question["iss"],
        "jti": question["jti"],
        "sub": question["sub"],
        "as_of": int(now.timestamp()),
        **asked,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def sign_news(
    key: Ed25519PrivateKey, kid: str, question: dict[str, Any], news: list[dict[str, Any]], now: datetime
) -> str:
    """Return the bureau's answer to the question for what is new as a JWS."""
    claims = {
        "iss": "bureau",
        "aud": question["iss"],
        "jti": question["jti"],
        "as_of": int(now.timestamp()),
        "news": [one for one in news if one["number"] > question["after"]][:MOST_NEWS],
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def read_news(
    token: str, keys: dict[str, Ed25519PublicKey], issuer: str, question_id: str, after: int, now: datetime
) -> list[BureauNews]:
    """Return what is new, in its order. Raises GarbledAnswer where anything does not fit the question."""
    try:
        kid = str(jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(token, keys[kid], algorithms=["EdDSA"], audience=issuer, issuer="bureau")
        as_of = datetime.fromtimestamp(int(claims["as_of"]), UTC)
        news = [msgspec.convert(row, BureauNews) for row in claims["news"]]
    except (jwt.InvalidTokenError, msgspec.ValidationError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise GarbledAnswer("unreadable") from error
    if claims.get("jti") != question_id:
        raise GarbledAnswer("of another question")
    if abs(now - as_of) > OLDEST_ANSWER:
        raise GarbledAnswer("of another time")
    numbers = [after, *(one.number for one in news)]
    if len(news) > MOST_NEWS or any(left >= right for left, right in pairwise(numbers)):
        raise GarbledAnswer("order")
    return news


def read_answer(
    token: str, keys: dict[str, Ed25519PublicKey], issuer: str, question: Question, now: datetime
) -> BureauStatus:
    """Return what the bureau says. Raises GarbledAnswer where anything does not fit the question.

    An answer that says more than was asked is not taken either: what nobody consented to must not arrive here.
    """
    try:
        kid = str(jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(token, keys[kid], algorithms=["EdDSA"], audience=issuer, issuer="bureau")
        as_of = datetime.fromtimestamp(int(claims["as_of"]), UTC)
        standing, listed = claims["standing"], claims["black_listed"]
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise GarbledAnswer("unreadable") from error
    if claims.get("jti") != question.id or claims.get("sub") != question.subject:
        raise GarbledAnswer("of another question")
    if abs(now - as_of) > OLDEST_ANSWER:
        raise GarbledAnswer("of another time")
    if not _ALLOWED.issuperset(claims):
        raise GarbledAnswer("more than asked")
    if standing not in STANDINGS or not isinstance(listed, bool):
        raise GarbledAnswer("content")
    return BureauStatus(standing, listed, as_of)
