"""From staged rows to whole products: what a row says is judged, and put together with what it hangs below.

A row that says something wrong is refused with each of its errors; what hangs below a refused model is refused too, and
everything else goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pim.catalogue import rules
from pim.catalogue.forms import ModelForm, ProductForm, VariantForm, merged
from pim.catalogue.models import Category, Channel, LinkType, ProductModel
from pim.catalogue.queries import list_all_definitions, owners_of, owners_of_identifiers, with_code
from pim.catalogue.writing import Saved, Write
from pim.intake.media import BadMedia, MediaShelf
from pim.intake.models import StagedRow
from pim.intake.ports import Kind, Refused
from pim.structure.models import Family, FamilyVariant

_MEDIA = frozenset({"image", "file", "gallery"})


@dataclass(frozen=True, kw_only=True)
class FamilyVariantWords:
    """A family variant: its family, and the axes of each level in order."""

    code: str
    family: str
    axes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything that rows are judged by; codes by their lower-case form."""

    definitions: Mapping[str, rules.Definition]
    channels: Mapping[str, str]
    locales: Mapping[str, Sequence[str]]
    categories: Mapping[str, str]
    families: Mapping[str, str]
    family_variants: Mapping[str, FamilyVariantWords]
    link_types: Mapping[str, str]
    media: MediaShelf


def load_words(*, media: MediaShelf) -> Words:
    """The definitions as they are now; `media` is where files come from and go to."""
    channels = dict(Channel.objects.values_list("code", "locales"))
    return Words(
        definitions=list_all_definitions(),
        channels={code.lower(): code for code in channels},
        locales=channels,
        categories=_codes(Category),
        families=_codes(Family),
        family_variants={each.code.lower(): _family_variant(each) for each in _family_variants()},
        link_types=_codes(LinkType),
        media=media,
    )


def _codes(model: type[Any]) -> dict[str, str]:
    return {code.lower(): code for code in model.objects.values_list("code", flat=True)}


def _family_variants() -> Iterable[FamilyVariant]:
    return FamilyVariant.objects.select_related("family").prefetch_related("attributes__attribute")


def _family_variant(row: FamilyVariant) -> FamilyVariantWords:
    axes: dict[int, list[tuple[int, str]]] = {}
    for each in row.attributes.all():
        if each.axis_position is not None:
            axes.setdefault(each.level, []).append((each.axis_position, each.attribute.code))
    return FamilyVariantWords(
        code=row.code,
        family=row.family.code,
        axes=tuple(tuple(code for _, code in sorted(axes[level])) for level in sorted(axes)),
    )


@dataclass(kw_only=True)
class Judged:
    """What came of some groups: products to write, refusals, and media that were named, by whether there is a file."""

    writes: list[Write] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rows: int = 0
    media_found: int = 0
    media_missing: int = 0

    def refuse(self, row: StagedRow, column: str, reason: str, detail: str) -> None:
        """Note that the row was not taken."""
        self.refused.append(
            Refused(
                file=row.file,
                line=row.line,
                column=column[:300],
                reason=reason,
                detail=detail[:500],
                code=row.code,
            )
        )


@dataclass(kw_only=True)
class _Draft:
    """A product in the making."""

    form: ProductForm
    levels: tuple[tuple[str, ...], ...] = ()
    models: dict[str, ModelForm] = field(default_factory=dict)
    variants: dict[str, VariantForm] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def roots_of(*, rows: Iterable[StagedRow]) -> dict[str, str]:
    """The products that rows belong to whose parents are not in the set, by those parents; in lower case."""
    outside = {row.root.lower() for row in rows if row.parent}
    found = with_code(ProductModel, outside).select_related("product")
    return {model.code.lower(): model.product.code.lower() for model in found}


def judge(
    *, rows: Sequence[StagedRow], roots: Mapping[str, str], saved: Mapping[str, Saved], words: Words
) -> Judged:
    """Make forms of some groups' rows, merged with what is saved; only those that differ from it are to be written."""
    done = Judged()
    judge_of = _Judge(words, saved, roots, done)
    judge_of.owners = owners_of(skus=[row.code for row in rows if row.kind == Kind.PRODUCT])
    judge_of.identifiers = owners_of_identifiers(values=judge_of.named_identifiers(rows))
    for row in rows:
        done.rows += 1
        judge_of.take(row)
    linking = {roots.get(row.root.lower(), row.root.lower()) for row in rows if row.data["links"]}
    for code, draft in judge_of.drafts.items():
        before = saved.get(code)
        said = replace(
            draft.form, models=tuple(draft.models.values()), variants=tuple(draft.variants.values())
        )
        form = merged(saved=before.form if before else None, said=said)
        if before is None or before.form != form:
            # one history row tells of a new product with its links, which are written when all products are there
            is_told = before is not None or code not in linking
            done.writes.append(Write(saved=before, form=form, is_told=is_told))
    return done


class _Judge:
    """Judges one row after the other; models come before what stands below them."""

    def __init__(
        self, words: Words, saved: Mapping[str, Saved], roots: Mapping[str, str], done: Judged
    ) -> None:
        self.words, self.saved, self.roots, self.done = words, saved, roots, done
        self.drafts: dict[str, _Draft] = {}
        self.owners: dict[str, str] = {}
        self.identifiers: dict[tuple[str, str], Any] = {}
        self.said: dict[tuple[str, str], str] = {}

    def named_identifiers(self, rows: Iterable[StagedRow]) -> set[str]:
        """Every value that the rows say of attributes whose values are unique."""
        unique = {code for code, definition in self.words.definitions.items() if definition.unique}
        if not unique:
            return set()
        return {str(cell[4]) for row in rows for cell in row.data["values"] if cell[1].lower() in unique}

    def take(self, row: StagedRow) -> None:
        """Put the row's word into its product's draft, or refuse it."""
        values = self._values(row)
        categories = self._categories(row)
        if values is None or categories is None:
            return
        draft = self._draft_above(row) if row.parent else self._begin(row, values)
        if draft is None:
            return
        if row.parent and not self._hang(row, values, draft):
            return
        own_key = (draft.form.code.lower() if row.parent else row.code.lower(), row.code)
        for attribute, value in rules.identifiers_in(values=values, definitions=self.words.definitions):
            self.said[attribute, value.lower()] = own_key[0]
        draft.form = replace(draft.form, categories={**draft.form.categories, **categories})
        if not row.parent:
            self.drafts[row.code.lower()] = draft

    def _values(self, row: StagedRow) -> rules.Values | None:
        """The row's values, checked; None when it was refused."""
        said: dict[str, dict[str, dict[str, Any]]] = {}
        for _, attribute, named, locale, value in row.data["values"]:
            channel = self.words.channels.get(named.lower(), named)
            meant = self._measured(attribute, value) if isinstance(value, dict) else value
            said.setdefault(attribute, {}).setdefault(channel, {})[locale] = meant
        checked = rules.check_values(
            values=said, definitions=self.words.definitions, channels=self.words.locales, pointer=""
        )
        if checked.errors:
            columns = self._columns(row)
            for error in checked.errors:
                self.done.refuse(row, columns.get(error.pointer, ""), error.code, error.detail)
            return None
        if self._identifiers_taken(row, checked.values):
            return None
        return self._with_media(row, checked.values)

    def _columns(self, row: StagedRow) -> dict[str, str]:
        """Which column said what, by the pointer to the value."""
        return {
            f"/{attribute}/{self.words.channels.get(named.lower(), named)}/{locale}": column
            for column, attribute, named, locale, _ in row.data["values"]
        }

    def _measured(self, attribute: str, value: Any) -> Any:
        """A measure without a unit is in the attribute's usual one."""
        definition = self.words.definitions.get(attribute.lower())
        if definition and definition.type == "metric" and isinstance(value, dict) and not value.get("unit"):
            return {**value, "unit": definition.default_unit}
        return value

    def _identifiers_taken(self, row: StagedRow, values: rules.Values) -> bool:
        root = self.roots.get(row.root.lower(), row.root.lower())
        before = self.saved.get(root)
        for attribute, value in rules.identifiers_in(values=values, definitions=self.words.definitions):
            key = (attribute, value.lower())
            owner = self.identifiers.get(key)
            if (owner is not None and (before is None or before.row.public_id != owner)) or key in self.said:
                self.done.refuse(row, attribute, "identifier_taken", f"Another product says {value} as well.")
                return True
        return False

    def _with_media(self, row: StagedRow, values: rules.Values) -> rules.Values | None:
        """The values with the paths under which their files are kept; None when one was refused."""
        shown = [code for code in values if self.words.definitions[code.lower()].type in _MEDIA]
        held: dict[str, Any] = dict(values) if shown else {}
        for code in shown:
            held[code] = {channel: dict(by_locale) for channel, by_locale in values[code].items()}
            for channel, by_locale in held[code].items():
                for locale, value in by_locale.items():
                    try:
                        by_locale[locale] = self._all_kept(value, self.words.definitions[code.lower()])
                    except BadMedia as bad:
                        column = self._columns(row).get(f"/{code}/{channel}/{locale}", code)
                        self.done.refuse(row, column, bad.code, bad.detail)
                        return None
        return held or values

    def _all_kept(self, value: Any, definition: rules.Definition) -> Any:
        if isinstance(value, list):
            return [self._kept(path, definition) for path in value]
        return self._kept(value, definition)

    def _kept(self, path: str, definition: rules.Definition) -> str:
        """Where the file is kept; the path as it was said when there is no file."""
        found = self.words.media.take(
            path=path,
            is_picture=definition.type != "file",
            most_megabytes=definition.limits.get("max_megabytes"),
        )
        self.done.media_found += found is not None
        self.done.media_missing += found is None
        return found or path

    def _categories(self, row: StagedRow) -> dict[str, int] | None:
        found = {}
        for code in row.data["categories"]:
            known = self.words.categories.get(code.lower())
            if known is None:
                self.done.refuse(row, "categories", "unknown_category", f"There is no category {code}.")
                return None
            found[known] = 0
        return found

    def _family(self, row: StagedRow) -> tuple[bool, str | None]:
        code = row.data.get("family")
        if code and code.lower() not in self.words.families:
            self.done.refuse(row, "family", "unknown_family", f"There is no family {code}.")
            return False, None
        return True, self.words.families[code.lower()] if code else None

    def _begin(self, row: StagedRow, values: rules.Values) -> _Draft | None:
        """A product of its own: a root model, or a product without options."""
        known, family = self._family(row)
        if not known:
            return None
        if row.kind == Kind.PRODUCT:
            if self.owners.get(row.code.lower(), row.code.lower()) != row.code.lower():
                self.done.refuse(row, "", "sku_taken", "Another product has this SKU.")
                return None
            form = ProductForm(code=row.code, family=family, values=values)
            only = VariantForm(sku=row.code, axis_key="", values={}, enabled=row.data["enabled"])
            return _Draft(form=form, variants={row.code.lower(): only})
        named = row.data.get("family_variant")
        if not named:
            axes = tuple(
                self.words.definitions[axis.lower()].code
                for axis in row.data.get("axes", ())
                if axis.lower() in self.words.definitions
            )
            form = ProductForm(code=row.code, family=family, values=values, axes=axes)
            return _Draft(form=form, levels=(axes,))
        family_variant = self.words.family_variants.get(named.lower())
        if family_variant is None:
            self.done.refuse(
                row, "family_variant", "unknown_family_variant", f"There is no family variant {named}."
            )
            return None
        form = ProductForm(
            code=row.code,
            family=family_variant.family,
            family_variant=family_variant.code,
            values=values,
            axes=tuple(axis for level in family_variant.axes for axis in level),
        )
        return _Draft(form=form, levels=family_variant.axes)

    def _draft_above(self, row: StagedRow) -> _Draft | None:
        """The draft of the product that the row stands in; made from what is saved when the set lacks its top."""
        code = self.roots.get(row.root.lower(), row.root.lower())
        if code in self.drafts:
            return self.drafts[code]
        if (before := self.saved.get(code)) is None:
            self.done.refuse(row, "parent", "unknown_parent", f"{row.parent} is not there, or was refused.")
            return None
        form = before.form
        words = self.words.family_variants.get((form.family_variant or "").lower())
        draft = _Draft(form=form, levels=words.axes if words else (form.axes,))
        draft.models = {model.code.lower(): model for model in form.models}
        self.drafts[code] = draft
        return draft

    def _hang(self, row: StagedRow, values: rules.Values, draft: _Draft) -> bool:
        """Put a model or variant below its product or model; false when it was refused."""
        above = draft.models.get(row.parent.lower())
        if above is None and row.parent.lower() != draft.form.code.lower():
            self.done.refuse(row, "parent", "unknown_parent", f"{row.parent} is not there, or was refused.")
            return False
        axes = draft.levels[0] if row.kind == Kind.MODEL else draft.form.axes
        try:
            key = rules.axis_key(
                axes=axes, values=rules.inherited(draft.form.values, above.values if above else {}, values)
            )
        except KeyError as axis:
            self.done.refuse(row, str(axis.args[0]), "axis_missing", f"It does not say its {axis.args[0]}.")
            return False
        if row.kind == Kind.MODEL:
            draft.models[row.code.lower()] = ModelForm(code=row.code, axis_key=key, values=values)
            return True
        if self.owners.get(row.code.lower(), draft.form.code.lower()) != draft.form.code.lower():
            self.done.refuse(row, "", "sku_taken", "Another product has this SKU.")
            return False
        if draft.keys.setdefault(key.lower(), row.code.lower()) != row.code.lower():
            self.done.refuse(row, "", "not_unique", "Another variant is alike on every axis.")
            return False
        draft.variants[row.code.lower()] = VariantForm(
            sku=row.code,
            axis_key=key,
            values=values,
            model=above.code if above else None,
            enabled=row.data["enabled"],
        )
        return True
