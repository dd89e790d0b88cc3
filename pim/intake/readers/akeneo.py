"""Akeneo's CSV export: one file per kind of thing, `;` between cells, `<attribute>-<locale>-<channel>` in headers."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pim.intake.ports import Kind, KnownAttribute, Left, Refused, Row
from pim.intake.readers.akeneo_attributes import ATTRIBUTE_COLUMNS, attribute, unused_in
from pim.intake.readers.akeneo_columns import Columns, code_list, flag, labels, locale, whole
from pim.intake.readers.doubts import refuse_doubtful
from pim.intake.readers.tables import open_table, refusal


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file of definitions: its columns beside the labels, and what a line of it becomes."""

    name: str
    kind: Kind
    columns: frozenset[str]
    data: Callable[[Mapping[str, str], int], dict[str, Any]]
    unused: Callable[[Mapping[str, str]], Iterable[str]] = lambda _: ()


class Akeneo:
    """The reader. `fi_FI` becomes `fi-FI` here, and the identifier's column becomes the SKU."""

    name = "akeneo"

    def recognises(self, *, place: Path) -> bool:
        """A directory with Akeneo's products, or with its definitions alone."""
        return place.is_dir() and any(
            (place / f"{name}.csv").is_file() for name in ("products", "product_models", "attributes")
        )

    def read(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> Iterator[Row | Refused | Left]:
        """Everything in the directory. Errors: BadSource."""
        columns = yield from self._definitions(place, known)
        yield from _models(place / "product_models.csv", columns)
        yield from _products(place / "products.csv", columns)
        yield from _left(place)

    def check(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> None:
        """The definitions, which are few, and the headers of everything else. Errors: BadSource."""
        definitions = self._definitions(place, known)
        while True:
            try:
                next(definitions)
            except StopIteration as ended:
                columns = ended.value
                break
        next(_models(place / "product_models.csv", columns), None)
        next(_products(place / "products.csv", columns), None)

    def _definitions(
        self, place: Path, known: Mapping[str, KnownAttribute]
    ) -> Generator[Row | Refused | Left, None, Columns]:
        """All definitions; in the end, what the headers of products are understood by."""
        attributes, link_types, refused = dict(known), set[str](), set[str]()
        for file in _DEFINITIONS:
            for row in _definitions(place / f"{file.name}.csv", file):
                if isinstance(row, Row) and row.kind is Kind.ATTRIBUTE:
                    attributes[row.code.lower()] = _known(row)
                if isinstance(row, Row) and row.kind is Kind.LINK_TYPE:
                    link_types.add(row.code.lower())
                if isinstance(row, Refused) and file.kind is Kind.ATTRIBUTE:
                    refused.add(row.code.lower())
                yield row
        key = next((each.code for each in attributes.values() if each.type == "identifier"), "sku")
        return Columns(
            attributes=attributes, link_types=link_types, key=key, refused=refused - set(attributes)
        )


def _known(row: Row) -> KnownAttribute:
    return KnownAttribute(
        code=row.code,
        type=row.data["type"],
        localisable=row.data["localisable"],
        scopable=row.data["scopable"],
    )


def _definitions(path: Path, file: _File) -> Iterator[Row | Refused | Left]:
    if not path.is_file():
        return
    table = open_table(path=path, keys={"code"})
    unknown = [
        name
        for name in table.header
        if name not in file.columns and name != "code" and not name.startswith(_PREFIXES)
    ]
    if unknown:
        raise refusal(table.file, "bad_header", f"Unknown columns: {', '.join(sorted(unknown))}.")
    left: Counter[str] = Counter()
    for position, (line, cells) in enumerate(table.lines):
        cell = dict(zip(table.header, cells, strict=False))
        code = cell["code"].strip()
        if len(cells) != len(table.header) or not code:
            yield _malformed(table.file, line, cells, table.header)
            continue
        left.update(file.unused(cell))
        try:
            data = file.data(cell, position)
        except ValueError as error:
            column, _, detail = str(error).partition(": ")
            yield Refused(
                file=table.file, line=line, column=column, reason="invalid", detail=detail, code=code
            )
        else:
            yield Row(
                kind=file.kind,
                file=table.file,
                line=line,
                code=code,
                data={"labels": labels(cell), **data},
            )
    for column, count in sorted(left.items()):
        yield Left(what=f"{file.name}.{column}", count=count)


def _malformed(file: str, line: int, cells: Sequence[str], header: Sequence[str]) -> Refused:
    if len(cells) != len(header):
        detail = f"It has {len(cells)} cells, and the header {len(header)}."
        return Refused(file=file, line=line, column="", reason="wrong_number_of_cells", detail=detail)
    return Refused(file=file, line=line, column=header[0], reason="missing", detail="It has no code.")


def _models(path: Path, columns: Columns) -> Iterator[Row | Refused | Left]:
    """Models in the file's order, those below others after them."""
    if not path.is_file():
        return
    table = open_table(path=path, keys={"code"})
    own = {"code", "family_variant", "parent", "categories"}
    plan = columns.plan(file=table.file, header=table.header, own=own)
    yield plan.told(file=table.file)
    below: list[Row | Refused] = []
    to_groups = 0
    place = {name: at for at, name in enumerate(table.header) if name in own}
    for line, cells in table.lines:
        cell = {name: cells[at] for name, at in place.items()}
        if len(cells) != len(table.header) or not cell["code"].strip():
            yield _malformed(table.file, line, cells, table.header)
            continue
        to_groups += plan.links_to_groups(cells)
        row = Row(
            kind=Kind.MODEL,
            file=table.file,
            line=line,
            code=cell["code"].strip(),
            parent=cell.get("parent", "").strip(),
            data={
                "family_variant": cell.get("family_variant", "").strip(),
                "categories": code_list(cell.get("categories", "")),
                "values": plan.values(cells),
                "links": plan.links(cells),
            },
        )
        told = refuse_doubtful(row=row, key="code", attributes=columns.attributes, columns=plan.columns)
        if row.parent:
            below.extend(told)
        else:
            yield from told
    yield from below
    yield from _left_of(to_groups, _TO_GROUPS)


def _products(path: Path, columns: Columns) -> Iterator[Row | Refused | Left]:
    if not path.is_file():
        return
    table = open_table(path=path, keys={columns.key, "sku", "identifier"}, may_be_empty=False)
    key = next(name for name in (columns.key, "sku", "identifier") if name in table.header)
    own = {key, "family", "parent", "categories", "enabled", "groups"}
    plan = columns.plan(file=table.file, header=table.header, own=own)
    yield plan.told(file=table.file)
    in_groups = to_groups = 0
    place = {name: at for at, name in enumerate(table.header) if name in own}
    for line, cells in table.lines:
        cell = {name: cells[at] for name, at in place.items()}
        if len(cells) != len(table.header) or not cell[key].strip():
            yield _malformed(table.file, line, cells, table.header)
            continue
        in_groups += len(code_list(cell.get("groups", "")))
        to_groups += plan.links_to_groups(cells)
        row = Row(
            kind=Kind.PRODUCT,
            file=table.file,
            line=line,
            code=cell[key].strip(),
            parent=cell.get("parent", "").strip(),
            data={
                "family": cell.get("family", "").strip() or None,
                "categories": code_list(cell.get("categories", "")),
                "enabled": cell.get("enabled", "1") != "0",
                "values": plan.values(cells),
                "links": plan.links(cells),
            },
        )
        yield from refuse_doubtful(row=row, key=key, attributes=columns.attributes, columns=plan.columns)
    yield from _left_of(in_groups, "memberships of groups")
    yield from _left_of(to_groups, _TO_GROUPS)


def _left_of(count: int, what: str) -> Iterator[Left]:
    if count:
        yield Left(what=what, count=count)


def _left(place: Path) -> Iterator[Left]:
    """The files that tell of what a catalogue here does not have: groups, users, roles, job profiles."""
    read = {f"{file.name}.csv" for file in _DEFINITIONS} | {"products.csv", "product_models.csv"}
    for path in sorted(place.glob("*.csv")):
        if path.name not in read:
            table = open_table(path=path)
            yield Left(what=path.name, count=sum(1 for _ in table.lines))


def _group(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {"position": whole(cell, "sort_order", position)}


def _link_type(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {
        "position": position,
        "two_way": flag(cell.get("is_two_way", "")),
        "quantified": flag(cell.get("is_quantified", "")),
    }


def _category(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {"parent": cell.get("parent", "").strip() or None, "position": position}


def _channel(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {
        "kind": "web",
        "locales": [locale(each) for each in code_list(cell["locales"])],
        "currencies": code_list(cell.get("currencies", "")),
        "tree": cell["tree"].strip(),
    }


def _option(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {"attribute": cell["attribute"].strip(), "position": whole(cell, "sort_order", position)}


def _family(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    return {
        "attributes": code_list(cell["attributes"]),
        "label_attribute": cell.get("attribute_as_label", "").strip() or None,
        "image_attribute": cell.get("attribute_as_image", "").strip() or None,
        "requirements": {
            name.removeprefix("requirements-"): code_list(said)
            for name, said in cell.items()
            if name.startswith("requirements-")
        },
    }


def _family_variant(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    levels = [
        {
            "axes": code_list(cell.get(f"variant-axes_{level}", "")),
            "attributes": code_list(cell.get(f"variant-attributes_{level}", "")),
        }
        for level in (1, 2)
    ]
    if not levels[0]["axes"]:
        raise ValueError("variant-axes_1: It has no axis.")
    return {"family": cell["family"].strip(), "levels": [each for each in levels if each["axes"]]}


_TO_GROUPS: Final = "links to groups"
_PREFIXES: Final = ("label-", "requirements-")
_DEFINITIONS: Final = (
    _File(
        name="attribute_groups", kind=Kind.GROUP, columns=frozenset({"sort_order", "attributes"}), data=_group
    ),
    _File(
        name="association_types",
        kind=Kind.LINK_TYPE,
        columns=frozenset({"is_two_way", "is_quantified"}),
        data=_link_type,
    ),
    _File(name="categories", kind=Kind.CATEGORY, columns=frozenset({"parent"}), data=_category),
    _File(
        name="channels",
        kind=Kind.CHANNEL,
        columns=frozenset({"locales", "currencies", "tree", "conversion_units"}),
        data=_channel,
        unused=lambda cell: ["conversion_units"] if cell.get("conversion_units", "").strip() else (),
    ),
    _File(
        name="attributes", kind=Kind.ATTRIBUTE, columns=ATTRIBUTE_COLUMNS, data=attribute, unused=unused_in
    ),
    _File(
        name="attribute_options",
        kind=Kind.OPTION,
        columns=frozenset({"attribute", "sort_order"}),
        data=_option,
    ),
    _File(
        name="families",
        kind=Kind.FAMILY,
        columns=frozenset({"attributes", "attribute_as_image", "attribute_as_label"}),
        data=_family,
    ),
    _File(
        name="family_variants",
        kind=Kind.FAMILY_VARIANT,
        columns=frozenset(
            {"family", "variant-axes_1", "variant-axes_2", "variant-attributes_1", "variant-attributes_2"}
        ),
        data=_family_variant,
    ),
)
