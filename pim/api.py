"""The PIM's door: what the shop may read of it, and how a command fills it.

What writes joins the caller's transaction.
"""

from pim.catalogue.queries import ChannelValue, list_channels
from pim.catalogue.services import (
    AttributeDraft,
    LinkDraft,
    ModelDraft,
    OptionDraft,
    ProductDraft,
    SavedProduct,
    VariantDraft,
    define_attribute,
    define_category,
    define_channel,
    define_link_type,
    link_product,
    save_product,
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
from pim.publishing.queries import PublicationValue, list_channels_of, list_newer, list_published
from pim.publishing.services import Published, publish

__all__ = [
    "AttributeDraft",
    "AttributeValue",
    "CategoryValue",
    "ChannelValue",
    "FilterValue",
    "LinkDraft",
    "LinkTypeValue",
    "ModelDraft",
    "OptionDraft",
    "OptionValue",
    "ProductDraft",
    "PublicationValue",
    "Published",
    "SavedProduct",
    "VariantDraft",
    "Vocabulary",
    "define_attribute",
    "define_category",
    "define_channel",
    "define_link_type",
    "get_vocabulary",
    "link_product",
    "list_categories",
    "list_channels",
    "list_channels_of",
    "list_filterable",
    "list_newer",
    "list_published",
    "publish",
    "save_product",
]
