"""What is signed: pairwise names that cannot be linked, and answers that only their receiver can use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_scenarios.referrals.answers import Signer, pseudonym_of, read_answer, sign_answer, sign_recall

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEYS = KeyRing.generate(NOW)
SIGNER = Signer(KEYS, "http://city.test")
BANK, PERSON, REFERRAL = new_id(), new_id(), new_id()


def signed(signer: Signer = SIGNER, bank: UUID = BANK) -> str:
    return sign_answer(
        signer, referral_id=REFERRAL, partner_id=bank, pseudonym="p", scenario="loan", version=1, verdict="yes",
        at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip


@given(banks=st.lists(st.uuids(), min_size=2, max_size=6, unique=True), person=st.uuids(), other=st.uuids())
def test_a_name_is_the_same_for_a_pair_and_another_for_every_other(
    banks: list[UUID], person: UUID, other: UUID
) -> None:
    names = [pseudonym_of(KEYS, partner_id=bank, resident_id=person) for bank in banks]
    assert names == [pseudonym_of(KEYS, partner_id=bank, resident_id=person) for bank in banks]
    assert len(set(names)) == len(banks)
    if other != person:
        assert not set(names) & {pseudonym_of(KEYS, partner_id=bank, resident_id=other) for bank in banks}
    for name in names:
        assert len(name) == 40
        assert person.hex not in name


def test_a_name_outlives_rotation_and_means_nothing_under_other_keys() -> None:
    ring = KeyRing.generate(NOW)
    before = pseudonym_of(ring, partner_id=BANK, resident_id=PERSON)
    ring.rotate("index", NOW)
    assert pseudonym_of(ring, partner_id=BANK, resident_id=PERSON) == before
    assert pseudonym_of(KEYS, partner_id=BANK, resident_id=PERSON) != before


def test_an_answer_is_read_by_its_receiver_alone_also_when_it_has_run_out() -> None:
    assert read_answer(SIGNER, signed(), partner_id=BANK) == REFERRAL
    assert read_answer(SIGNER, signed(), partner_id=new_id()) is None


@pytest.mark.parametrize(
    "token",
    [
        "", "x", "a.b.c", signed(Signer(KeyRing.generate(NOW), "http://city.test")),
        signed(Signer(KEYS, "http://other.test")),
        sign_recall(SIGNER, referral_id=REFERRAL, partner_id=BANK, pseudonym="p", at=NOW),
        jwt.encode({"aud": str(BANK), "jti": str(REFERRAL), "exp": 1}, "secret-of-thirty-two-characters!"),
        signed()[:-6] + "AAAAAA",
    ],
)  # fmt: skip
def test_what_is_no_answer_of_ours_is_not_read(token: str) -> None:
    assert read_answer(SIGNER, token, partner_id=BANK) is None
