"""House rules over every table (`conventions` 6 to 9, 12)."""

import pytest
from django.apps import apps
from django.db import connection, models

from config.kernel.models import User
from config.kernel.states import Lifecycle

OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.split(".")[0] in {"config", "pim", "customers", "orders", "shop"}
]
PERSONAL_NAMES = {"email", "phone", "street", "postcode", "city", "first_name", "last_name"}
PERIOD_BOUNDS = {"valid_from", "valid_until", "pay_by", "held_until"}

over_all_models = pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)


def fields(model: type[models.Model], *kinds: type[models.Field]) -> list[models.Field]:
    return [field for field in model._meta.local_fields if isinstance(field, kinds)]


@over_all_models
def test_no_foreign_key_leaves_its_app(model: type[models.Model]) -> None:
    targets = {field.related_model._meta.app_label for field in fields(model, models.ForeignKey)}

    inherited = {"auth", "contenttypes"} if model.__name__.startswith("User") else set()
    assert targets - inherited <= {model._meta.app_label}


@over_all_models
def test_moments_end_in_at_and_dates_in_on(model: type[models.Model]) -> None:
    for field in fields(model, models.DateTimeField):
        assert field.name.endswith("_at") or field.name in {*PERIOD_BOUNDS, "last_login"}, field
    for field in fields(model, models.DateField):
        if not isinstance(field, models.DateTimeField):
            assert field.name.endswith("_on") or field.name in PERIOD_BOUNDS, field


@over_all_models
def test_there_is_no_float(model: type[models.Model]) -> None:
    assert fields(model, models.FloatField) == []


@over_all_models
def test_sums_are_64_bit_integers_of_minor_units(model: type[models.Model]) -> None:
    for field in fields(model, models.Field):
        if field.name.endswith("_minor"):
            assert isinstance(field, models.BigIntegerField), field


@over_all_models
def test_the_database_knows_the_states(model: type[models.Model]) -> None:
    if "state" not in {field.name for field in fields(model, models.Field)}:
        return
    checks = [
        constraint for constraint in model._meta.constraints if isinstance(constraint, models.CheckConstraint)
    ]

    assert any("state__in" in str(check.condition) for check in checks)


@over_all_models
def test_constraints_are_named_after_their_table(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        assert constraint.name.split("_")[0] == model._meta.model_name, constraint.name


@over_all_models
def test_a_public_id_is_unique_and_the_bigint_stays_inside(model: type[models.Model]) -> None:
    for field in fields(model, models.UUIDField):
        if field.name == "public_id":
            assert field.unique


@over_all_models
def test_what_says_who_somebody_is_is_tagged_personal(model: type[models.Model]) -> None:
    named = {field.name for field in fields(model, models.Field)} & PERSONAL_NAMES
    if model is User or model.__name__ == "Location":
        return  # an account's address is its name; a store's address is no person's

    assert named <= set(getattr(model, "personal", ())), "add them to the model's `personal`"


def test_every_lifecycle_reaches_all_its_states() -> None:
    lifecycles = [
        value
        for model in OURS
        for value in vars(__import__(model.__module__, fromlist=["x"])).values()
        if isinstance(value, Lifecycle)
    ]

    assert lifecycles
    for lifecycle in lifecycles:
        assert lifecycle.reachable() == set(lifecycle.states.values)


_COVERED = """
    SELECT narrow.indexrelid::regclass::text, wide.indexrelid::regclass::text
    FROM pg_index narrow
    JOIN pg_index wide USING (indrelid)
    JOIN pg_class narrow_class ON narrow_class.oid = narrow.indexrelid
    JOIN pg_class wide_class ON wide_class.oid = wide.indexrelid AND wide_class.relam = narrow_class.relam
    WHERE narrow.indrelid = %s::regclass
        AND narrow.indexrelid <> wide.indexrelid
        AND NOT narrow.indisunique
        AND narrow.indexprs IS NULL AND wide.indexprs IS NULL
        AND narrow.indpred IS NULL AND wide.indpred IS NULL
        AND narrow.indnkeyatts <= wide.indnkeyatts
        AND (narrow.indkey::int2[])[0:narrow.indnkeyatts - 1] = (wide.indkey::int2[])[0:narrow.indnkeyatts - 1]
        AND (narrow.indclass::oid[])[0:narrow.indnkeyatts - 1] = (wide.indclass::oid[])[0:narrow.indnkeyatts - 1]
        AND (narrow.indoption::int2[])[0:narrow.indnkeyatts - 1] = (wide.indoption::int2[])[0:narrow.indnkeyatts - 1]
"""


@pytest.mark.django_db
@over_all_models
def test_no_index_repeats_the_first_columns_of_another(model: type[models.Model]) -> None:
    """Each costs every write; Django makes one for a foreign key even where a unique constraint begins with it."""
    inherited = model._meta.db_table.startswith("kernel_user_")
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [model._meta.db_table])

        assert inherited or cursor.fetchall() == []
