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

Fields = list[models.Field]


def fields(model: type[models.Model], *kinds: type[models.Field]) -> Fields:
    return [field for field in model._meta.local_fields if isinstance(field, kinds)]


def all_fields(*kinds: type[models.Field]) -> Fields:
    return [field for model in OURS for field in fields(model, *kinds)]


def test_no_foreign_key_leaves_its_app() -> None:
    inherited = {"auth", "contenttypes"}
    assert [
        field
        for field in all_fields(models.ForeignKey)
        if (target := field.related_model._meta.app_label) != field.model._meta.app_label
        and not (field.model.__name__.startswith("User") and target in inherited)
    ] == []


def test_moments_end_in_at_and_dates_in_on() -> None:
    moments = all_fields(models.DateTimeField)
    dates = [field for field in all_fields(models.DateField) if field not in moments]
    free = {*PERIOD_BOUNDS, "last_login"}

    assert [field for field in moments if not field.name.endswith("_at") and field.name not in free] == []
    assert [
        field for field in dates if not field.name.endswith("_on") and field.name not in PERIOD_BOUNDS
    ] == []


def test_there_is_no_float() -> None:
    assert all_fields(models.FloatField) == []


def test_sums_are_64_bit_integers_of_minor_units() -> None:
    sums = [field for field in all_fields(models.Field) if field.name.endswith("_minor")]

    assert [field for field in sums if not isinstance(field, models.BigIntegerField)] == []


def test_the_database_knows_the_states() -> None:
    def checked(model: type[models.Model]) -> bool:
        return any(
            "state__in" in str(constraint.condition)
            for constraint in model._meta.constraints
            if isinstance(constraint, models.CheckConstraint)
        )

    with_state = [field.model for field in all_fields(models.Field) if field.name == "state"]

    assert [model for model in with_state if not checked(model)] == []


def test_constraints_are_named_after_their_table() -> None:
    assert [
        constraint.name
        for model in OURS
        for constraint in model._meta.constraints
        if constraint.name.split("_")[0] != model._meta.model_name
    ] == []


def test_a_public_id_is_unique_and_the_bigint_stays_inside() -> None:
    public = [field for field in all_fields(models.UUIDField) if field.name == "public_id"]

    assert [field for field in public if not field.unique] == []


def test_what_says_who_somebody_is_is_tagged_personal() -> None:
    # an account's address is its name; a store's address is no person's
    of_persons = [model for model in OURS if model is not User and model.__name__ != "Location"]

    untagged = {
        model: named
        for model in of_persons
        if (
            named := {field.name for field in fields(model, models.Field)}
            & PERSONAL_NAMES - set(getattr(model, "personal", ()))
        )
    }

    assert untagged == {}, "add them to the model's `personal`"


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
    WHERE narrow.indrelid = ANY (%s::regclass[])
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
def test_no_index_repeats_the_first_columns_of_another() -> None:
    """Each costs every write; Django makes one for a foreign key even where a unique constraint begins with it."""
    tables = [model._meta.db_table for model in OURS if not model._meta.db_table.startswith("kernel_user_")]
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [tables])

        assert cursor.fetchall() == []
