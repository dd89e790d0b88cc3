"""The PIM's door: what the shop may read of it, and how a command fills it.

What writes joins the caller's transaction.
"""

from pim.catalogue.definitions import (
    define_attribute,
    define_category,
    define_channel,
    define_link_type,
)
from pim.catalogue.drafts import AttributeDraft, OptionDraft
from pim.catalogue.families import FamilyDraft, define_family
from pim.catalogue.queries import ChannelValue, list_channels
from pim.catalogue.services import (
    LinkDraft,
    ModelDraft,
    ProductDraft,
    SavedProduct,
    VariantDraft,
    link_product,
    link_products,
    save_product,
    save_products,
)
from pim.catalogue.words import (
    AttributeValue,
    CategoryValue,
    FilterValue,
    LinkTypeValue,
    OptionValue,
    Vocabulary,
    get_vocabulary,
    list_categories,
    list_filterable,
)
from pim.enrichment.services import assess_products
from pim.publishing.queries import PublicationValue, list_channels_of, list_newer, list_published
from pim.publishing.services import HeldBack, Outcome, Published, publish, publish_many

__all__ = [
    "AttributeDraft",
    "AttributeValue",
    "CategoryValue",
    "ChannelValue",
    "FamilyDraft",
    "FilterValue",
    "HeldBack",
    "LinkDraft",
    "LinkTypeValue",
    "ModelDraft",
    "OptionDraft",
    "OptionValue",
    "Outcome",
    "ProductDraft",
    "PublicationValue",
    "Published",
    "SavedProduct",
    "VariantDraft",
    "Vocabulary",
    "assess_products",
    "define_attribute",
    "define_category",
    "define_channel",
    "define_family",
    "define_link_type",
    "get_vocabulary",
    "link_product",
    "link_products",
    "list_categories",
    "list_channels",
    "list_channels_of",
    "list_filterable",
    "list_newer",
    "list_published",
    "publish",
    "publish_many",
    "save_product",
    "save_products",
]
