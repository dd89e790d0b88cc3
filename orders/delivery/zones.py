"""How far a postcode is: our own ranges of Finnish postcodes, by which parcels are priced.

Åland lies outside the area of the Union's value added tax (directive 2006/112/EC, article 6(1)(d)): what is sent there
crosses a tax border, so it is a zone of its own, and where no rate names it nothing is sent there.
"""

import re
from typing import Final

SOUTH: Final = "fi-south"  # Uusimaa, Häme, Kymenlaakso, the centre and the west: a night from the warehouses
MIDDLE: Final = "fi-middle"  # Savo, Karelia, Kainuu, Ostrobothnia south of Oulu
NORTH: Final = "fi-north"  # Oulu and what lies north of it, Lapland
ALAND: Final = "ax"

# (first, last, zone) of every postcode there can be, without gaps.
_RANGES: Final = (
    ("00000", "21999", SOUTH),
    ("22000", "22999", ALAND),
    ("23000", "49999", SOUTH),
    ("50000", "89999", MIDDLE),
    ("90000", "99999", NORTH),
)
_FINNISH_POSTCODE: Final = re.compile(r"[0-9]{5}")


def zone_of(*, country: str, postcode: str) -> str | None:
    """The zone of an address; None where no carrier could read the postcode. Other countries are one zone each."""
    if country != "FI":
        return country.lower()
    if _FINNISH_POSTCODE.fullmatch(postcode) is None:
        return None
    return next(zone for first, last, zone in _RANGES if first <= postcode <= last)
