"""What merchandisers change by hand: single values of a product, and the words for attributes, options and categories.

Every edit is a merge: what it does not name stays, and null takes away. It names the version that its writer has seen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction
from config.kernel.errors import FieldError, InvalidInput, NotFound
from config.kernel.events import emit
from config.kernel.versions import require_version
from pim.catalogue import rules
from pim.catalogue.forms import ProductForm
from pim.catalogue.loading import load
from pim.catalogue.models import Category, Channel, Product
from pim.catalogue.queries import Labels, list_definitions, with_code
from pim.catalogue.services import SavedProduct, attributes_of
from pim.catalogue.words import Named
from pim.catalogue.writing import Write, write
from pim.events import AttributeRenamed, CategoryRenamed, OptionRenamed, ProductEdited
from pim.structure.models import Attribute, AttributeOption

R = TypeVar("R", Attribute, AttributeOption, Category)

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_LOWEST_RANK: Final = -(2**31)
_HIGHEST_RANK: Final = 2**31 - 1


@transaction
def edit_product(
    *,
    product_id: UUID,
    version: int,
    values: Mapping[str, Any],
    categories: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> SavedProduct:
    """Change what the product itself says, and where it stands.

    `values` are `{attribute: {channel or "*": {locale or "*": value}}}`,
    `categories` `{code: rank}`. Locks the product; emits ProductEdited when something became different.
    Errors: NotFound, VersionConflict, InvalidInput with an error per field.
    """
    code = (
        Product.objects.filter(public_id=product_id, archived_at=None).values_list("code", flat=True).first()
    )
    if code is None:
        raise NotFound
    saved = load(codes={code})[code.lower()]
    require_version(seen=version, current=saved.row.version)
    errors = list(_misshapen(values))
    if errors:
        raise InvalidInput(errors)
    definitions = list_definitions(codes={*attributes_of(form=saved.form), *values})
    said = {attribute: dict(by_channel) for attribute, by_channel in values.items()}
    checked = rules.check_values(
        values=_spoken(said),
        definitions=definitions,
        channels=dict(Channel.objects.values_list("code", "locales")),
    )
    unknown = [
        FieldError(
            pointer=f"/values/{attribute}",
            code="unknown_attribute",
            detail=f"There is no attribute {attribute}.",
        )
        for attribute in said
        if attribute.lower() not in definitions and not _spoken({attribute: said[attribute]})
    ]
    places, misplaced = _places(saved.form, categories)
    if errors := [*checked.errors, *unknown, *misplaced]:
        raise InvalidInput(errors)
    form = replace(
        saved.form,
        values=_merged(saved.form.values, checked.values, _silenced(said, definitions)),
        categories=places,
    )
    written = write(writes=[Write(saved=saved, form=form)], definitions=definitions, by=by, now=now).rows
    if not written:
        return SavedProduct(product_id=product_id, version=saved.row.version, changed=False)
    emit(ProductEdited(product_ref=product_id, version=written[0].version), by=by, now=now)
    return SavedProduct(product_id=product_id, version=written[0].version, changed=True)


def _misshapen(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Where there should be an object and is none."""
    for attribute, by_channel in values.items():
        if not isinstance(by_channel, Mapping):
            yield _no_object(f"/values/{attribute}")
            continue
        for channel, by_locale in by_channel.items():
            if not isinstance(by_locale, Mapping):
                yield _no_object(f"/values/{attribute}/{channel}")


def _no_object(pointer: str) -> FieldError:
    return FieldError(
        pointer=pointer, code="not_an_object", detail="Values stand by channel, and then by locale."
    )


def _spoken(values: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Without what is taken away."""
    return {
        attribute: said
        for attribute, by_channel in values.items()
        if (
            said := {
                channel: kept
                for channel, by_locale in by_channel.items()
                if (kept := {locale: value for locale, value in by_locale.items() if value is not None})
            }
        )
    }


def _silenced(
    values: Mapping[str, Any], definitions: Mapping[str, rules.Definition]
) -> set[tuple[str, str, str]]:
    """What is taken away, by attribute, channel and locale."""
    return {
        (definitions[attribute.lower()].code, channel, locale)
        for attribute, by_channel in values.items()
        for channel, by_locale in by_channel.items()
        for locale, value in by_locale.items()
        if value is None
    }


def _merged(
    old: rules.Values, new: rules.Values, silenced: set[tuple[str, str, str]]
) -> dict[str, dict[str, dict[str, Any]]]:
    held: dict[str, dict[str, dict[str, Any]]] = {}
    for attribute, by_channel in rules.inherited(old, new).items():
        for channel, by_locale in by_channel.items():
            for locale, value in by_locale.items():
                if (attribute, channel, locale) not in silenced:
                    held.setdefault(attribute, {}).setdefault(channel, {})[locale] = value
    return held


def _places(form: ProductForm, categories: Mapping[str, Any]) -> tuple[dict[str, int], list[FieldError]]:
    """The categories with those changes, and what is wrong with them."""
    places, errors = dict(form.categories), []
    known = {row.code.lower(): row.code for row in with_code(Category, categories).filter(archived_at=None)}
    for code, rank in categories.items():
        at = f"/categories/{code}"
        if code.lower() not in known:
            errors.append(
                FieldError(pointer=at, code="unknown_category", detail=f"There is no category {code}.")
            )
        elif rank is None:
            places.pop(known[code.lower()], None)
        elif type(rank) is not int or not _LOWEST_RANK <= rank <= _HIGHEST_RANK:
            errors.append(
                FieldError(
                    pointer=at, code="not_an_integer", detail="A rank is an integer, or null to leave."
                )
            )
        else:
            places[known[code.lower()]] = rank
    return places, errors


@transaction
def rename_attribute(
    *, attribute: str, labels: Mapping[str, Any], version: int, by: Actor, now: datetime
) -> Named:
    """Change labels of an attribute, `{locale: text or null}`. Locks it; emits AttributeRenamed when one is different.

    Errors: NotFound, VersionConflict, InvalidInput with an error per field.
    """
    row = _locked(lock(with_code(Attribute, {attribute})), version)
    if _rename(row, _labels(row.labels, labels)):
        emit(AttributeRenamed(attribute=row.code), by=by, now=now)
    return Named(code=row.code, labels=row.labels, version=row.version)


@transaction
def rename_option(
    *,
    attribute: str,
    option: str,
    labels: Mapping[str, Any],
    swatch: str | None,
    version: int,
    by: Actor,
    now: datetime,
) -> Named:
    """Change labels of an option, and its swatch unless that is None; "" takes the swatch away.

    Locks it; emits OptionRenamed when something is different. Errors: as for rename_attribute.
    """
    owner = with_code(Attribute, {attribute}).first()
    found = lock(with_code(AttributeOption, {option}).filter(attribute=owner)) if owner else []
    row = _locked(found, version)
    look = row.swatch if swatch is None else swatch
    if look and not _is_swatch(look):
        raise InvalidInput(
            [
                FieldError(
                    pointer="/swatch", code="invalid_swatch", detail="It is a colour, #c8b79e, or a path."
                )
            ]
        )
    named = _labels(row.labels, labels)
    if row.swatch != look or row.labels != named:
        row.swatch = look
        row.version, row.labels = row.version + 1, named
        row.save(update_fields=("labels", "swatch", "version"))
        emit(OptionRenamed(attribute=row.attribute.code, option=row.code), by=by, now=now)
    return Named(code=row.code, labels=row.labels, version=row.version, swatch=row.swatch)


@transaction
def rename_category(
    *, category: str, labels: Mapping[str, Any], version: int, by: Actor, now: datetime
) -> Named:
    """Change labels of a category. Locks it; emits CategoryRenamed when one is different.

    Errors: as for rename_attribute.
    """
    row = _locked(lock(with_code(Category, {category}).filter(archived_at=None)), version)
    if _rename(row, _labels(row.labels, labels)):
        emit(CategoryRenamed(category=row.code), by=by, now=now)
    return Named(code=row.code, labels=row.labels, version=row.version)


def _locked(rows: list[R], version: int) -> R:
    if not rows:
        raise NotFound
    require_version(seen=version, current=rows[0].version)
    return rows[0]


def _rename(row: Attribute | Category, labels: Labels) -> bool:
    if row.labels == labels:
        return False
    row.version, row.labels = row.version + 1, dict(labels)
    row.save(update_fields=("labels", "version"))
    return True


def _labels(old: Labels, said: Mapping[str, Any]) -> dict[str, str]:
    """The labels with those changes. Errors: InvalidInput."""
    known = {locale for locales in Channel.objects.values_list("locales", flat=True) for locale in locales}
    held, errors = dict(old), []
    for locale, text in said.items():
        at = f"/labels/{locale}"
        if text is None:
            held.pop(locale, None)
        elif locale not in known:
            errors.append(
                FieldError(pointer=at, code="unknown_locale", detail=f"Nobody reads {locale} here.")
            )
        elif wrong := rules.find_fault(text=text, longest=rules.MAX_TEXT):
            errors.append(FieldError(pointer=at, code=wrong[0], detail=wrong[1]))
        else:
            held[locale] = text.strip()
    if errors:
        raise InvalidInput(errors)
    return held


def _is_swatch(look: str) -> bool:
    if look.startswith("#"):
        return _COLOUR.fullmatch(look) is not None
    return not (look.startswith("/") or "\\" in look or ".." in look.split("/"))
