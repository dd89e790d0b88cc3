"""Writing definitions from staged rows: groups, categories, channels, attributes, options, families, types of link.

What exists is changed to what the row says; what no row names stays. Labels are added to those there are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pim.catalogue.models import Category, Channel, LinkType
from pim.intake.models import StagedRow
from pim.intake.ports import Kind, Refused
from pim.structure.models import (
    Attribute,
    AttributeGroup,
    AttributeOption,
    Family,
    FamilyAttribute,
    FamilyRequirement,
    FamilyVariant,
    FamilyVariantAttribute,
    MeasurementFamily,
    MeasurementUnit,
)
from pim.structure.rules import COMMON


@dataclass(kw_only=True)
class Defined:
    """What became of the rows: `counts` are {kind: {fate: number}}.

    `changed` are the rows that were there and are otherwise now, each with the names of its fields that differ;
    `asking` the ids of families that were there and require something else now.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    changed: list[tuple[Any, frozenset[str]]] = field(default_factory=list)
    asking: set[int] = field(default_factory=set)

    def note(self, kind: str, fate: str, number: int = 1) -> None:
        """Count rows of a kind."""
        if number:
            fates = self.counts.setdefault(kind, {})
            fates[fate] = fates.get(fate, 0) + number

    def refuse(self, row: StagedRow, column: str, reason: str, detail: str) -> None:
        """Note that the row was not taken."""
        self.refused.append(
            Refused(file=row.file, line=row.line, column=column, reason=reason, detail=detail, code=row.code)
        )


class _Missing(Exception):
    """A row names something that is not there."""

    def __init__(self, column: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.column, self.reason, self.detail = column, reason, detail


def define_common_measures() -> None:
    """Have the common measurement families; units that somebody added stay."""
    families = {row.code.lower(): row for row in MeasurementFamily.objects.prefetch_related("units")}
    MeasurementFamily.objects.bulk_create(
        MeasurementFamily(code=each.code, standard_unit=each.standard)
        for each in COMMON
        if each.code.lower() not in families
    )
    known = {
        (unit.family.code.lower(), unit.code.lower())
        for unit in MeasurementUnit.objects.select_related("family")
    }
    ids = _by_code(MeasurementFamily)
    MeasurementUnit.objects.bulk_create(
        MeasurementUnit(
            family=ids[each.code.lower()],
            code=unit.code,
            symbol=unit.symbol,
            factor=unit.factor,
            offset=unit.offset,
            position=position,
        )
        for each in COMMON
        for position, unit in enumerate(each.units.values())
        if (each.code.lower(), unit.code.lower()) not in known
    )


def define(*, rows: Mapping[Kind, Sequence[StagedRow]]) -> Defined:
    """Write all definitions, in the order in which they need each other."""
    done = Defined()
    define_common_measures()
    for kind, write in _STEPS.items():
        write(rows.get(kind, ()), done)
    return done


def _by_code(model: type[Any]) -> dict[str, Any]:
    return {row.code.lower(): row for row in model.objects.all()}


def _named(rows: Mapping[str, Any], code: str | None, column: str) -> Any:
    """The row of that code; None for none. Errors: _Missing."""
    if code is None:
        return None
    try:
        return rows[code.lower()]
    except KeyError:
        raise _Missing(column, f"unknown_{column}", f"There is no {column} {code}.") from None


def _upsert(
    model: type[Any],
    rows: Iterable[StagedRow],
    done: Defined,
    fields: Callable[[StagedRow], dict[str, Any]],
    *,
    key: Callable[[Any], Any] = lambda row: row.code.lower(),
    fixed: Sequence[str] = (),
) -> dict[Any, Any]:
    """Create or change a row of the model for each staged one; `fixed` fields keep what they are. All rows, by key.

    `key` of a staged row and of a row of the model must agree.
    """
    known = {key(row): row for row in model.objects.all()}
    new, changed, names = [], [], list[str]()
    for row in rows:
        try:
            wanted = fields(row)
        except _Missing as missing:
            done.refuse(row, missing.column, missing.reason, missing.detail)
            continue
        names = list(wanted)
        found = known.get(key(row))
        if found is None:
            known[key(row)] = found = model(code=row.code, **wanted)
            new.append(found)
            continue
        wanted["labels"] = {**found.labels, **wanted["labels"]}
        differing = [name for name, value in wanted.items() if getattr(found, name) != value]
        if kept := [name for name in differing if name in fixed]:
            done.refuse(
                row, kept[0], "definition_is_fixed", f"It is there with another {kept[0]}, and keeps it."
            )
        elif differing:
            for name in differing:
                setattr(found, name, wanted[name])
            if hasattr(found, "version"):  # whoever has read it before must read it again to write
                found.version += 1
            changed.append(found)
            done.changed.append((found, frozenset(differing)))
        else:
            done.note(row.kind, "same")
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, [*names, "version"] if hasattr(model, "version") else names)
    kind = next((row.kind for row in rows), "")
    done.note(kind, "created", len(new))
    done.note(kind, "changed", len(changed))
    return known


def _define_groups(rows: Sequence[StagedRow], done: Defined) -> None:
    _upsert(AttributeGroup, rows, done, lambda row: _pick(row, "labels", "position"))


def _define_link_types(rows: Sequence[StagedRow], done: Defined) -> None:
    _upsert(LinkType, rows, done, lambda row: _pick(row, "labels", "position", "two_way", "quantified"))


def _pick(row: StagedRow, *names: str) -> dict[str, Any]:
    return {name: row.data[name] for name in names}


def _define_categories(rows: Sequence[StagedRow], done: Defined) -> None:
    """Level by level from the roots down; what hangs below nothing, or in a circle, is refused."""
    waiting = list(rows)
    there = _by_code(Category)
    named = {row.code.lower() for row in rows}
    while waiting:
        ready = [
            row
            for row in waiting
            if not row.data["parent"]
            or (row.data["parent"].lower() in there and row.data["parent"].lower() not in named)
        ]
        if not ready:
            break
        parents = dict(there)
        there = _upsert(
            Category,
            ready,
            done,
            lambda row, parents=parents: {  # type: ignore[misc]
                **_pick(row, "labels", "position"),
                "parent_id": parents[row.data["parent"].lower()].pk if row.data["parent"] else None,
            },
        )
        taken = {row.pk for row in ready}
        named -= {row.code.lower() for row in ready}
        waiting = [row for row in waiting if row.pk not in taken]
    for row in waiting:
        circle = row.data["parent"].lower() in {each.code.lower() for each in rows}
        done.refuse(
            row,
            "parent",
            "category_cycle" if circle else "unknown_category",
            "It stands below itself, or below one that was refused."
            if circle
            else "There is no such parent.",
        )


def _define_channels(rows: Sequence[StagedRow], done: Defined) -> None:
    trees = _by_code(Category)

    def fields(row: StagedRow) -> dict[str, Any]:
        tree = _named(trees, row.data["tree"], "tree")
        return {**_pick(row, "labels", "kind", "locales", "currencies"), "tree_id": tree.pk}

    _upsert(Channel, rows, done, fields)


def _define_attributes(rows: Sequence[StagedRow], done: Defined) -> None:
    groups, measures = _by_code(AttributeGroup), _by_code(MeasurementFamily)
    units = {(unit.family_id, unit.code.lower()): unit.code for unit in MeasurementUnit.objects.all()}

    def fields(row: StagedRow) -> dict[str, Any]:
        group = _named(groups, row.data["group"], "group")
        family = _named(measures, row.data["measurement_family"], "measurement_family")
        default = row.data["default_unit"]
        if family and default:
            if (family.pk, default.lower()) not in units:
                raise _Missing("default_unit", "unknown_unit", f"{family.code} has no unit {default}.")
            default = units[family.pk, default.lower()]
        simple = _pick(
            row,
            "labels",
            "position",
            "type",
            "localisable",
            "scopable",
            "unique",
            "public",
            "filterable",
            "limits",
        )
        return {
            **simple,
            "group_id": group and group.pk,
            "measurement_family_id": family and family.pk,
            "default_unit": default,
        }

    _upsert(Attribute, rows, done, fields, fixed=("type", "localisable", "scopable", "measurement_family_id"))


def _define_options(rows: Sequence[StagedRow], done: Defined) -> None:
    attributes = {
        code: row for code, row in _by_code(Attribute).items() if row.type in {"select", "multiselect"}
    }

    def key(row: Any) -> tuple[int, str]:
        if isinstance(row, StagedRow):
            attribute = attributes.get(row.data["attribute"].lower())
            return (attribute.pk if attribute else 0, row.code.lower())
        return (row.attribute_id, row.code.lower())

    def fields(row: StagedRow) -> dict[str, Any]:
        attribute = _named(attributes, row.data["attribute"], "attribute")
        return {**_pick(row, "labels", "position"), "attribute_id": attribute.pk}

    _upsert(AttributeOption, rows, done, fields, key=key)


def _define_families(rows: Sequence[StagedRow], done: Defined) -> None:
    """A family's attributes and requirements are those of its row, and no others."""
    attributes, channels = _by_code(Attribute), _by_code(Channel)

    def fields(row: StagedRow) -> dict[str, Any]:
        for code in _unique(row.data["attributes"]):
            _named(attributes, code, "attribute")
        for channel, required in row.data["requirements"].items():
            _named(channels, channel, "channel")
            for code in required:
                _named(attributes, code, "attribute")
        label = _named(attributes, row.data["label_attribute"], "attribute")
        image = _named(attributes, row.data["image_attribute"], "attribute")
        return {
            "labels": row.data["labels"],
            "label_attribute_id": label and label.pk,
            "image_attribute_id": image and image.pk,
        }

    there = set(Family.objects.values_list("pk", flat=True))
    families = _upsert(Family, rows, done, fields)
    refused = {(each.file, each.line) for each in done.refused}
    taken = [(families[row.code.lower()], row) for row in rows if (row.file, row.line) not in refused]
    _replace(
        FamilyAttribute,
        ("family_id", "attribute_id", "position"),
        {
            (family.pk, attributes[code].pk, position)
            for family, row in taken
            for position, code in enumerate(_unique(row.data["attributes"]))
        },
        {family.pk for family, _ in taken},
    )
    asking = _replace(
        FamilyRequirement,
        ("family_id", "channel_id", "attribute_id"),
        {
            (family.pk, channels[channel.lower()].pk, attributes[code].pk)
            for family, row in taken
            for channel, required in row.data["requirements"].items()
            for code in _unique(required)
        },
        {family.pk for family, _ in taken},
    )
    done.asking |= asking & there


def _unique(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(code.lower() for code in codes))


def _define_family_variants(rows: Sequence[StagedRow], done: Defined) -> None:
    families, attributes = _by_code(Family), _by_code(Attribute)

    def fields(row: StagedRow) -> dict[str, Any]:
        for level in row.data["levels"]:
            for code in (*level["axes"], *level["attributes"]):
                _named(attributes, code, "attribute")
        return {"labels": row.data["labels"], "family_id": _named(families, row.data["family"], "family").pk}

    known = _upsert(FamilyVariant, rows, done, fields)
    refused = {(each.file, each.line) for each in done.refused}
    taken = [(known[row.code.lower()], row) for row in rows if (row.file, row.line) not in refused]
    wanted = set()
    for family_variant, row in taken:
        placed: dict[int, tuple[int, int | None]] = {}
        for number, level in enumerate(row.data["levels"], start=1):
            for code in _unique(level["attributes"]):
                placed.setdefault(attributes[code].pk, (number, None))
        for number, level in enumerate(row.data["levels"], start=1):
            for position, code in enumerate(_unique(level["axes"])):
                placed[attributes[code].pk] = (number, position)
        wanted |= {(family_variant.pk, attribute, *place) for attribute, place in placed.items()}
    names = ("family_variant_id", "attribute_id", "level", "axis_position")
    _replace(FamilyVariantAttribute, names, wanted, {each.pk for each, _ in taken})


def _replace(
    model: type[Any], names: Sequence[str], wanted: set[tuple[Any, ...]], owners: set[int]
) -> set[int]:
    """Make the owners' rows these tuples (the owner's id first), touching only what differs; the owners that did."""
    rows = model.objects.filter(**{f"{names[0]}__in": owners}).values_list("pk", *names)
    saved = {tuple(values): pk for pk, *values in rows}
    model.objects.filter(pk__in=[pk for values, pk in saved.items() if values not in wanted]).delete()
    model.objects.bulk_create(
        model(**dict(zip(names, values, strict=True))) for values in sorted(wanted - set(saved), key=str)
    )
    return {owner for owner, *_ in wanted ^ set(saved)}


_STEPS: dict[Kind, Callable[[Sequence[StagedRow], Defined], None]] = {
    Kind.GROUP: _define_groups,
    Kind.LINK_TYPE: _define_link_types,
    Kind.CATEGORY: _define_categories,
    Kind.CHANNEL: _define_channels,
    Kind.ATTRIBUTE: _define_attributes,
    Kind.OPTION: _define_options,
    Kind.FAMILY: _define_families,
    Kind.FAMILY_VARIANT: _define_family_variants,
}
