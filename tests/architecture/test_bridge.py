"""The bridge draws every kind of field that the models use, and refuses what it does not know."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from bridge import BridgeError, draw_metadata
from tortoise import Model, fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

NAME = "models_of_a_test"


def draw(monkeypatch: pytest.MonkeyPatch, meta: dict[str, Any] | None = None, **columns: Any) -> sa.Table:
    """Draw one model with the given fields."""
    body = {
        "__module__": NAME,
        "id": fields.UUIDField(primary_key=True),
        **columns,
        "Meta": type("Meta", (), {"table": "thing", **(meta or {})}),
    }
    module = ModuleType(NAME)
    vars(module)["Thing"] = type("Thing", (Model,), body)
    monkeypatch.setitem(sys.modules, NAME, module)
    return draw_metadata([NAME]).tables["thing"]


@pytest.mark.parametrize(
    "field",
    [
        fields.DecimalField(max_digits=10, decimal_places=2),
        fields.FloatField(),
        fields.BinaryField(),
        fields.TimeDeltaField(),
    ],
    ids=lambda field: type(field).__name__,
)
def test_an_unknown_kind_of_field_is_refused(field: fields.Field[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BridgeError, match=f"Thing.odd: no column type for {type(field).__name__}"):
        draw(monkeypatch, odd=field)


@pytest.mark.parametrize(
    "meta",
    [
        {"constraints": [UniqueConstraint(fields=("name",), name="")]},
        {"indexes": [Index(fields=("name",))]},
        {"indexes": [Index(fields=("no_such_field",), name="ix_thing")]},
    ],
    ids=["unique without a name", "index without a name", "a field that is not there"],
)
def test_what_cannot_be_named_is_refused(meta: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BridgeError):
        draw(monkeypatch, meta, name=fields.CharField(max_length=5))


def test_columns_constraints_and_indexes_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    table = draw(
        monkeypatch,
        {
            "constraints": [
                CheckConstraint(check="used >= 0", name="ck_thing_used"),
                UniqueConstraint(fields=("name",), name="uq_thing_open", condition="used = 0"),
            ],
            "indexes": [PartialIndex(fields=("used",), name="ix_thing_used", condition={"used": 1})],
        },
        name=fields.CharField(max_length=5, null=True),
        used=fields.IntField(db_default=0),
    )
    assert table.c.name.nullable
    assert not table.c.used.nullable
    assert str(table.c.used.server_default.arg) == "0"  # type: ignore[union-attr]
    assert {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)} == {"ck_thing_used"}
    partial = {index.name: index for index in table.indexes}
    assert partial["uq_thing_open"].unique
    assert str(partial["uq_thing_open"].dialect_options["postgresql"]["where"]) == "used = 0"
    assert str(partial["ix_thing_used"].dialect_options["sqlite"]["where"])


def test_two_models_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    draw(monkeypatch, name=fields.CharField(max_length=5))
    first, second = sys.modules[NAME], ModuleType("models_of_another")
    body = {"__module__": "models_of_another", "id": fields.UUIDField(primary_key=True)}
    vars(second)["Thing"] = type("Thing", (Model,), {**body, "Meta": type("Meta", (), {"table": "other"})})
    monkeypatch.setitem(sys.modules, "models_of_another", second)
    with pytest.raises(BridgeError, match="another feature has a model of this name"):
        draw_metadata([first.__name__, "models_of_another"])


def test_every_table_of_the_product_is_drawn(models: list[str]) -> None:
    metadata = draw_metadata(models)
    assert len(metadata.tables) > 20
    for table in metadata.tables.values():
        assert [column.name for column in table.primary_key] == ["id"], table.name
        assert isinstance(table.c.id.type, sa.Uuid), f"{table.name}: a number would not count up on SQLite"
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint} has no name"
