"""Measures (units, and how an amount of one becomes an amount of another) and the limits of an attribute's values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypedDict


class Limits(TypedDict, total=False):
    """How an attribute narrows its values further; what is not named is not narrowed."""

    max_characters: int
    min: str  # of numbers and amounts, as decimals in text
    max: str
    decimals: bool  # false: whole numbers only
    negative: bool  # false: none below zero
    earliest: str  # of dates
    latest: str
    extensions: list[str]  # of files, without the dot
    max_megabytes: str  # of files, as a decimal in text
    pattern: str  # of texts: a regular expression that the whole text matches
    form: str  # of texts: `email` or `url`
    locales: list[str]  # the attribute is said in these languages only


_FORMS: Final = {
    "email": re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+"),
    "url": re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE),
}


class OverLimit(Exception):
    """A value is outside its attribute's limits; `code` and `detail` say how."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def check_text(*, text: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    if len(text) > limits.get("max_characters", len(text)):
        raise OverLimit("too_long", f"It has at most {limits['max_characters']} characters.")
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        raise OverLimit("wrong_pattern", "It does not have the form that the attribute asks for.")
    if "form" in limits and not _FORMS[limits["form"]].fullmatch(text):
        raise OverLimit("wrong_form", f"It is not written as {limits['form']} is.")


def check_amount(*, amount: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    number = Decimal(amount)
    if not limits.get("decimals", True) and number != number.to_integral_value():
        raise OverLimit("not_whole", "It is a whole number.")
    if not limits.get("negative", True) and number < 0:
        raise OverLimit("negative", "It is not below zero.")
    if "min" in limits and number < Decimal(limits["min"]):
        raise OverLimit("too_small", f"It is at least {limits['min']}.")
    if "max" in limits and number > Decimal(limits["max"]):
        raise OverLimit("too_large", f"It is at most {limits['max']}.")


def check_day(*, day: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    if not limits.get("earliest", day) <= day <= limits.get("latest", day):
        raise OverLimit("out_of_range", "The day is outside the attribute's range.")


def check_file(*, path: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    extension = path.rpartition(".")[2].lower()
    if limits.get("extensions") and extension not in limits["extensions"]:
        raise OverLimit("wrong_extension", f"It is one of {', '.join(limits['extensions'])}.")


def is_gtin(text: str) -> bool:
    """Whether these are 8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications, 7.9)."""
    if len(text) not in {8, 12, 13, 14} or not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return weighted % 10 == 0


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An amount of it times `factor` plus `offset` is the amount in the family's standard unit."""

    code: str
    symbol: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Units of one kind, by lower-case code; the one named `standard` compares them."""

    code: str
    standard: str
    units: dict[str, Unit] = field(default_factory=dict)


def measures(*, code: str, standard: str, units: Iterable[Unit]) -> Measures:
    """A family of these units."""
    return Measures(code=code, standard=standard, units={unit.code.lower(): unit for unit in units})


def in_standard_unit(*, amount: Decimal, unit: Unit) -> Decimal:
    """The amount in the standard unit of the unit's family."""
    return amount * unit.factor + unit.offset


def _number(text: str) -> Decimal:
    """A decimal, or a fraction (`1000/3600`) to as many places as are stored."""
    above, _, below = text.partition("/")
    return (Decimal(above) / Decimal(below)).quantize(_PLACES) if below else Decimal(above)


def _common(code: str, standard: str, *units: str) -> Measures:
    """A family of units that are written `CODE symbol factor offset`; a missing factor is 1, a missing offset 0."""
    told = (unit.split() for unit in units)
    return measures(
        code=code,
        standard=standard,
        units=(
            Unit(
                code=unit,
                symbol=symbol,
                factor=_number(numbers[0]) if numbers else Decimal(1),
                offset=_number(numbers[1]) if numbers[1:] else Decimal(0),
            )
            for unit, symbol, *numbers in told
        ),
    )


def _prefixed(unit: str, symbol: str, prefixes: str) -> list[str]:
    """The unit with these decimal prefixes, for `_common`."""
    return [
        f"{prefix}{unit} {_PREFIXES[prefix][0]}{symbol} {_PREFIXES[prefix][1]}" for prefix in prefixes.split()
    ]


_PLACES: Final = Decimal("1E-18")
_PREFIXES: Final = {
    "MILLI": ("m", "0.001"),
    "CENTI": ("c", "0.01"),
    "DECI": ("d", "0.1"),
    "DEKA": ("da", "10"),
    "HECTO": ("h", "100"),
    "KILO": ("k", "1000"),
    "MEGA": ("M", "1000000"),
    "GIGA": ("G", "1000000000"),
    "TERA": ("T", "1000000000000"),
}

# What catalogues measure by. The codes are those of Akeneo's standard families, which its exports name and do not bring
# along; the factors are the units' legal definitions (SI brochure, NIST SP 811), where Akeneo's own are off for some
# pressures and for the month. Ounces, pints and gallons of Volume are imperial, as they are there.
COMMON: Final = (
    _common(
        "Length",
        "METER",
        *("MILLIMETER mm 0.001", "CENTIMETER cm 0.01", "DECIMETER dm 0.1", "METER m", "DEKAMETER dam 10"),
        *("HECTOMETER hm 100", "KILOMETER km 1000", "MIL mil 0.0000254", "INCH in 0.0254", "FEET ft 0.3048"),
        *("YARD yd 0.9144", "CHAIN ch 20.1168", "FURLONG fur 201.168", "MILE mi 1609.344"),
    ),
    _common(
        "Area",
        "SQUARE_METER",
        *("SQUARE_MILLIMETER mm² 0.000001", "SQUARE_CENTIMETER cm² 0.0001", "SQUARE_DECIMETER dm² 0.01"),
        *("SQUARE_METER m²", "CENTIARE ca 1", "SQUARE_DEKAMETER dam² 100", "ARE a 100"),
        *("SQUARE_HECTOMETER hm² 10000", "HECTARE ha 10000", "SQUARE_KILOMETER km² 1000000"),
        *("SQUARE_MIL mil² 0.00000000064516", "SQUARE_INCH in² 0.00064516", "SQUARE_FOOT ft² 0.09290304"),
        *("SQUARE_YARD yd² 0.83612736", "ARPENT arpent 3418.89", "ACRE ac 4046.8564224"),
        *("SQUARE_FURLONG fur² 40468.564224", "SQUARE_MILE mi² 2589988.110336"),
    ),
    _common(
        "Volume",
        "CUBIC_METER",
        *("CUBIC_MILLIMETER mm³ 0.000000001", "CUBIC_CENTIMETER cm³ 0.000001", "MILLILITER ml 0.000001"),
        *("CENTILITER cl 0.00001", "DECILITER dl 0.0001", "CUBIC_DECIMETER dm³ 0.001", "LITER l 0.001"),
        *("CUBIC_METER m³", "OUNCE oz 0.0000284130625", "PINT pt 0.00056826125", "GALLON gal 0.00454609"),
        *("BARREL bbl 0.16365924", "CUBIC_INCH in³ 0.000016387064", "CUBIC_FOOT ft³ 0.028316846592"),
        "CUBIC_YARD yd³ 0.764554857984",
    ),
    _common(
        "Weight",
        "KILOGRAM",
        *("MICROGRAM μg 0.000000001", "MILLIGRAM mg 0.000001", "GRAM g 0.001", "KILOGRAM kg", "TON t 1000"),
        *("GRAIN gr 0.00006479891", "DENIER denier 0.001275", "ONCE once 0.03059", "MARC marc 0.24475"),
        *("LIVRE livre 0.4895", "OUNCE oz 0.028349523125", "POUND lb 0.45359237"),
    ),
    _common(
        "Temperature",
        "KELVIN",
        *("CELSIUS °C 1 273.15", "FAHRENHEIT °F 5/9 45967/180", "KELVIN K", "RANKINE °R 5/9"),
        "REAUMUR °Ré 1.25 273.15",
    ),
    _common(
        "Duration",
        "SECOND",
        *("MILLISECOND ms 0.001", "SECOND s", "MINUTE min 60", "HOUR h 3600", "DAY d 86400"),
        *("WEEK week 604800", "MONTH month 2628000", "YEAR year 31536000"),
    ),
    _common(
        "Speed",
        "METER_PER_SECOND",
        *("METER_PER_SECOND m/s", "METER_PER_MINUTE m/min 1/60", "METER_PER_HOUR m/h 1/3600"),
        *(
            "KILOMETER_PER_HOUR km/h 1000/3600",
            "FOOT_PER_SECOND ft/s 0.3048",
            "FOOT_PER_HOUR ft/h 0.3048/3600",
        ),
        *("YARD_PER_HOUR yd/h 0.9144/3600", "MILE_PER_HOUR mi/h 0.44704"),
    ),
    _common("Frequency", "HERTZ", "HERTZ Hz", *_prefixed("HERTZ", "Hz", "KILO MEGA GIGA TERA")),
    _common("Power", "WATT", "WATT W", *_prefixed("WATT", "W", "MILLI KILO MEGA GIGA TERA")),
    _common("Voltage", "VOLT", "VOLT V", *_prefixed("VOLT", "V", "MILLI CENTI DECI DEKA HECTO KILO")),
    _common(
        "Intensity",
        "AMPERE",
        *("AMPERE A", "DEKAMPERE daA 10"),
        *_prefixed("AMPERE", "A", "MILLI CENTI DECI HECTO KILO"),
    ),
    _common(
        "Resistance",
        "OHM",
        *("OHM Ω", "HECTOHM hΩ 100", "KILOHM kΩ 1000", "MEGOHM MΩ 1000000"),
        *_prefixed("OHM", "Ω", "MILLI CENTI DECI DEKA"),
    ),
    _common(
        "ElectricCharge",
        "AMPEREHOUR",
        *("MILLIAMPEREHOUR mAh 0.001", "AMPEREHOUR Ah", "MILLICOULOMB mC 1/3600000"),
        *("CENTICOULOMB cC 1/360000", "DECICOULOMB dC 1/36000", "COULOMB C 1/3600", "DEKACOULOMB daC 1/360"),
        *("HECTOCOULOMB hC 1/36", "KILOCOULOMB kC 10/36"),
    ),
    _common(
        "Energy",
        "JOULE",
        *("JOULE J", "KILOJOULE kJ 1000", "CALORIE cal 4.184", "KILOCALORIE kcal 4184"),
        *("WATTHOUR Wh 3600", "KILOWATTHOUR kWh 3600000"),
    ),
    _common(
        "Pressure",
        "BAR",
        *("PASCAL Pa 0.00001", "HECTOPASCAL hPa 0.001", "KILOPASCAL kPa 0.01", "MEGAPASCAL MPa 10"),
        *("MILLIBAR mbar 0.001", "BAR bar", "ATM atm 1.01325", "PSI psi 0.068947572931683614"),
        *("TORR Torr 1.01325/760", "MMHG mmHg 0.00133322387415"),
    ),
    _common(
        "Binary",
        "BYTE",
        *("BIT bit 0.125", "BYTE B", "KILOBYTE kB 1024", "MEGABYTE MB 1048576", "GIGABYTE GB 1073741824"),
        "TERABYTE TB 1099511627776",
    ),
    _common("Decibel", "DECIBEL", "DECIBEL dB"),
    _common("Brightness", "LUMEN", "LUMEN lm"),
    _common("Angle", "RADIAN", "RADIAN rad", "DEGREE ° 0.017453292519943296", "GON gon 0.015707963267948966"),
    _common("Force", "NEWTON", "NEWTON N", *_prefixed("NEWTON", "N", "MILLI KILO MEGA")),
    _common("CaseBox", "PIECE", "PIECE pcs", "DOZEN doz 12"),
)
