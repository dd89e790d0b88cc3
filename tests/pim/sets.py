"""Small sets in Akeneo's format, to be brought in."""

from datetime import datetime
from pathlib import Path
from typing import Final

from config.kernel.actors import system
from pim.intake.queries import ImportValue, list_refusals
from pim.intake.services import run_import, start_import

BY: Final = system("tests")

# Shirts in colours and sizes on two levels, and a mug without options.
SHIRTS: Final = {
    "categories": "code;parent;label-en_US\nmaster;;Master\nshirts;master;Shirts\nother;;Other",
    "channels": "code;locales;currencies;tree;label-en_US\nweb;en_US,fi_FI;EUR,USD;master;Web",
    "association_types": "code;is_two_way;label-en_US\nPACK;0;Pack\nTWIN;1;Twin",
    "attribute_groups": "code;sort_order;label-en_US\nmarketing;1;Marketing",
    "attributes": (
        "code;type;localizable;scopable;unique;group;metric_family;default_metric_unit;label-fi_FI\n"
        "sku;pim_catalog_identifier;0;0;1;marketing;;;SKU\n"
        "name;pim_catalog_text;1;0;0;marketing;;;Nimi\n"
        "about;pim_catalog_textarea;1;1;0;marketing;;;Kuvaus\n"
        "colour;pim_catalog_simpleselect;0;0;0;marketing;;;Väri\n"
        "size;pim_catalog_simpleselect;0;0;0;marketing;;;Koko\n"
        "tags;pim_catalog_multiselect;0;0;0;marketing;;;Tunnisteet\n"
        "weight;pim_catalog_metric;0;0;0;marketing;Weight;GRAM;Paino\n"
        "price;pim_catalog_price_collection;0;0;0;marketing;;;Hinta\n"
        "organic;pim_catalog_boolean;0;0;0;marketing;;;Luomu\n"
        "since;pim_catalog_date;0;0;0;marketing;;;Alkaen\n"
        "picture;pim_catalog_image;0;0;0;marketing;;;Kuva\n"
        "ean;pim_catalog_text;0;0;1;marketing;;;EAN"
    ),
    "attribute_options": (
        "code;attribute;sort_order;label-en_US\nred;colour;1;Red\nBlue;colour;2;Blue\n"
        "s;size;1;S\nm;size;2;M\nnew;tags;1;New\nsale;tags;2;Sale"
    ),
    "families": (
        "code;attributes;attribute_as_label;attribute_as_image;requirements-web;label-en_US\n"
        "clothing;sku,name,about,colour,size,weight,price;name;picture;sku,name,about,price;Clothing"
    ),
    "family_variants": (
        "code;family;variant-axes_1;variant-axes_2;variant-attributes_1;variant-attributes_2\n"
        "by_colour_and_size;clothing;colour;size;colour,picture;sku,size,weight,ean"
    ),
    "product_models": (
        "code;family_variant;parent;categories;name-en_US;about-en_US-web;colour;picture;price-EUR;price-USD\n"
        "shirt;by_colour_and_size;;shirts;Shirt;Soft;;;19.90;\n"
        "shirt-red;by_colour_and_size;shirt;SHIRTS;;;red;files/red.jpg;;\n"
        "shirt-blue;by_colour_and_size;Shirt;;;;blue;files/blue.jpg;;\n"
    ),
    "products": (
        "sku;family;parent;categories;enabled;size;weight;weight-unit;ean;tags;organic;since;name-en_US;PACK-products\n"
        "shirt-red-s;clothing;shirt-red;shirts,other;1;s;150;GRAM;123;;;;;\n"
        "shirt-red-m;clothing;shirt-red;shirts;0;m;0.16;KILOGRAM;124;;;;;\n"
        "shirt-blue-s;clothing;Shirt-Blue;;1;S;;;125;;;;;mug\n"
        "mug;;;;1;;300;;126;New,sale;1;2026-11-22;Mug;\n"
    ),
}


def write_set(place: Path, **files: str) -> Path:
    """Lay a set of these files out at a place."""
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


def bring_in(place: Path, now: datetime, *, publishes: bool = True, all_or_none: bool = False) -> ImportValue:
    """Import a set from its first row to its last publication."""
    import_id = start_import(place=str(place), publishes=publishes, all_or_none=all_or_none, by=BY, now=now)
    return run_import(import_id=import_id, by=BY, now=now)


def refused(value: ImportValue) -> list[tuple[str, int, str, str]]:
    """(file, line, column, reason) of everything that was refused."""
    rows = list_refusals(import_id=value.import_id).filter(kind="row")
    return [(row.file, row.line, row.column, row.reason) for row in rows]
