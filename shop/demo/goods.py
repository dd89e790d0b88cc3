"""What the demonstration shop sells, as data: attributes, categories, products with their texts, prices and stock."""

from collections.abc import Mapping
from typing import Any, Final

from pim.api import AttributeDraft, LinkDraft, OptionDraft, ProductDraft, VariantDraft

CHANNEL: Final = "fi-web"
PRICE_LIST: Final = "fi-consumer"
LOCALES: Final = ("fi", "sv-FI", "en")


def said(fi: str, sv: str, en: str) -> dict[str, str]:
    """One thing in the shop's three languages."""
    return {"fi": fi, "sv-FI": sv, "en": en}


def _texts(fi: str, sv: str, en: str) -> dict[str, Any]:
    """A localised value, the same in every channel."""
    return {"*": said(fi, sv, en)}


def _fact(value: Any) -> dict[str, Any]:
    """A value that is the same in every language and channel."""
    return {"*": {"*": value}}


CHANNEL_LABELS: Final = said("Verkkokauppa", "Nätbutiken", "Web shop")

# (code, parent, labels), parents first
CATEGORIES: Final = (
    ("shop", None, said("Koko kauppa", "Hela butiken", "The whole shop")),
    ("living-room", "shop", said("Olohuone", "Vardagsrum", "Living room")),
    ("sofas", "living-room", said("Sohvat", "Soffor", "Sofas")),
    ("cushions", "living-room", said("Tyynyt", "Kuddar", "Cushions")),
    ("care", "shop", said("Hoitotuotteet", "Skötselmedel", "Care products")),
)

ATTRIBUTES: Final = (
    AttributeDraft(code="name", type="text", localisable=True, labels=said("Nimi", "Namn", "Name")),
    AttributeDraft(
        code="summary", type="text", localisable=True, labels=said("Lyhyesti", "I korthet", "In short")
    ),
    AttributeDraft(
        code="description",
        type="textarea",
        localisable=True,
        labels=said("Kuvaus", "Beskrivning", "Description"),
    ),
    AttributeDraft(
        code="fabric",
        type="select",
        position=10,
        labels=said("Kangas", "Tyg", "Fabric"),
        options=(
            OptionDraft(
                code="hiekka",
                swatch="#d9c7a6",
                labels=said(
                    "Hiekka, hiekanvärinen pellava", "Hiekka, sandfärgat linne", "Hiekka, sand-coloured linen"
                ),
            ),
            OptionDraft(
                code="pilvi",
                swatch="#ede6d8",
                labels=said(
                    "Pilvi, luonnonvalkoinen buklee", "Pilvi, naturvit bouclé", "Pilvi, natural white bouclé"
                ),
            ),
            OptionDraft(
                code="kanerva",
                swatch="#a4606a",
                labels=said(
                    "Kanerva, murretun punainen villa", "Kanerva, dovröd ull", "Kanerva, muted red wool"
                ),
            ),
        ),
    ),
    AttributeDraft(
        code="composition",
        type="text",
        localisable=True,
        position=11,
        labels=said("Kankaan koostumus", "Tygets sammansättning", "Fabric composition"),
    ),
    AttributeDraft(
        code="martindale",
        type="number",
        position=12,
        labels=said(
            "Hankauskesto (Martindale)", "Slitstyrka (Martindale)", "Abrasion resistance (Martindale)"
        ),
    ),
    AttributeDraft(
        code="width", type="number", unit="cm", position=20, labels=said("Leveys", "Bredd", "Width")
    ),
    AttributeDraft(
        code="depth", type="number", unit="cm", position=21, labels=said("Syvyys", "Djup", "Depth")
    ),
    AttributeDraft(
        code="height", type="number", unit="cm", position=22, labels=said("Korkeus", "Höjd", "Height")
    ),
    AttributeDraft(
        code="seat_height",
        type="number",
        unit="cm",
        position=23,
        labels=said("Istuinkorkeus", "Sitthöjd", "Seat height"),
    ),
    AttributeDraft(
        code="weight", type="number", unit="kg", position=24, labels=said("Paino", "Vikt", "Weight")
    ),
    AttributeDraft(
        code="content", type="number", unit="ml", position=25, labels=said("Sisältö", "Innehåll", "Content")
    ),
    AttributeDraft(
        code="materials",
        type="text",
        localisable=True,
        position=30,
        labels=said("Materiaalit", "Material", "Materials"),
    ),
    AttributeDraft(
        code="removable_cover",
        type="boolean",
        position=31,
        labels=said("Irrotettava päällinen", "Avtagbar klädsel", "Removable cover"),
    ),
    AttributeDraft(
        code="care", type="textarea", localisable=True, position=40, labels=said("Hoito", "Skötsel", "Care")
    ),
    AttributeDraft(
        code="delivered",
        type="text",
        localisable=True,
        position=41,
        labels=said("Toimitus ja kokoaminen", "Leverans och montering", "Delivery and assembly"),
    ),
)

SOFA: Final = ProductDraft(
    code="sofa-laituri",
    categories={"sofas": 10},
    axes=("fabric",),
    values={
        "name": _texts("Laituri, kolmen istuttava sohva", "Laituri, tresitssoffa", "Laituri three-seat sofa"),
        "summary": _texts(
            "Matala ja syvä sohva, jolla mahtuu pitkälleen. Koivurunko, kolme kangasta.",
            "Låg och djup soffa, lång nog att ligga på. Stomme av björk, tre tyger.",
            "Low, deep and long enough to lie down on. Birch frame, three fabrics.",
        ),
        "description": _texts(
            "Laituri sai muotonsa uimalaiturista: matala, leveä ja juuri sen verran syvä, että jalat saa alle ja "
            "kirjan käteen. Istuin joustaa koko mitaltaan, joten kukaan ei valu kuoppaan keskelle.\n\n"
            "Runko on suomalaista koivua, tapitettu ja liimattu. Istuintyynyissä on kylmävaahtoydin ja sen "
            "päällä höyhentä. Pöyhi tyynyt silloin tällöin, niin ne pitävät ryhtinsä vuosia. Päälliset saa "
            "irti vetoketjulla, ja varapäällisen voi ostaa myöhemminkin.",
            "Laituri betyder brygga, och därifrån kommer formen: låg, bred och precis så djup att man kan dra upp "
            "benen och läsa. Sitsen fjädrar längs hela sin längd, så ingen hamnar i gropen i mitten.\n\n"
            "Stommen är av finländsk björk, tappad och limmad. Sittdynorna har en kärna av kallskum med fjäder "
            "ovanpå. Puffa upp dem då och då, så håller de formen i många år. Klädseln går att ta av med dragkedja, "
            "och en extra klädsel kan du köpa också senare.",
            "Laituri means jetty, and that is where the shape comes from: low, wide and just deep enough to tuck "
            "your feet under you with a book. The seat is sprung along its whole length, so nobody ends up in "
            "the dip in the middle.\n\n"
            "The frame is Finnish birch, dowelled and glued. The seat cushions have a core of cold foam with "
            "feather on top. Shake them now and then and they will keep their shape for years. The covers come "
            "off with a zip, and you can buy a spare one later.",
        ),
        "width": _fact("224"),
        "depth": _fact("98"),
        "height": _fact("74"),
        "seat_height": _fact("41"),
        "weight": _fact("62"),
        "materials": _texts(
            "Koivu, kylmävaahto, höyhen, teräsjouset",
            "Björk, kallskum, fjäder, stålfjädrar",
            "Birch, cold foam, feather, steel springs",
        ),
        "removable_cover": _fact(True),
        "delivered": _texts(
            "Kaksi pakettia. Jalat kierretään paikoilleen käsin, muuta koottavaa ei ole.",
            "Två paket. Benen skruvas fast för hand, något annat behöver inte monteras.",
            "Two parcels. The legs screw on by hand; there is nothing else to put together.",
        ),
    },
    variants=(
        VariantDraft(
            sku="LAITURI-HIEKKA",
            values={
                "fabric": _fact("hiekka"),
                "composition": _texts(
                    "55 % pellavaa, 45 % puuvillaa", "55 % lin, 45 % bomull", "55% linen, 45% cotton"
                ),
                "martindale": _fact("25000"),
                "care": _texts(
                    "Käännä päällinen nurin ja pese koneessa 40 asteessa. Ripusta kuivumaan ja pujota "
                    "paikoilleen hiukan kosteana, niin se asettuu sileäksi.",
                    "Vänd klädseln ut och in och tvätta i maskin i 40 grader. Hängtorka och trä på den igen "
                    "medan den är en aning fuktig, så lägger den sig slät.",
                    "Turn the cover inside out and machine wash at 40 degrees. Hang it to dry and put it back "
                    "on while slightly damp, so that it settles smooth.",
                ),
            },
        ),
        VariantDraft(
            sku="LAITURI-PILVI",
            values={
                "fabric": _fact("pilvi"),
                "composition": _texts(
                    "62 % villaa, 28 % puuvillaa, 10 % polyamidia",
                    "62 % ull, 28 % bomull, 10 % polyamid",
                    "62% wool, 28% cotton, 10% polyamide",
                ),
                "martindale": _fact("40000"),
                "care": _texts(
                    "Imuroi pehmeällä suulakkeella, niin silmukat pysyvät ehjinä. Tahrat lähtevät vaahdolla. Ei "
                    "konepesua.",
                    "Dammsug med mjukt munstycke så att öglorna inte dras. Fläckar tas bort med skum. Tvättas inte "
                    "i maskin.",
                    "Vacuum with a soft nozzle so that the loops are not pulled. Stains come out with foam. Do not "
                    "machine wash.",
                ),
            },
        ),
        VariantDraft(
            sku="LAITURI-KANERVA",
            values={
                "fabric": _fact("kanerva"),
                "composition": _texts(
                    "90 % villaa, 10 % polyamidia", "90 % ull, 10 % polyamid", "90% wool, 10% polyamide"
                ),
                "martindale": _fact("60000"),
                "care": _texts(
                    "Villa hylkii likaa, joten tuuletus ja harjaus riittävät pitkälle. Puhdista tahrat vaahdolla "
                    "tuoreeltaan. Ei konepesua.",
                    "Ull stöter bort smuts, så man kommer långt med vädring och borste. Ta fläckar med skum medan de "
                    "är färska. Tvättas inte i maskin.",
                    "Wool sheds dirt, so airing and a brush go a long way. Treat stains with foam while they are "
                    "fresh. Do not machine wash.",
                ),
            },
        ),
    ),
)

CUSHION: Final = ProductDraft(
    code="cushion-kaisla",
    categories={"cushions": 10},
    values={
        "name": _texts(
            "Kaisla-koristetyyny, 50 × 50 cm",
            "Kaisla, prydnadskudde 50 × 50 cm",
            "Kaisla cushion, 50 × 50 cm",
        ),
        "summary": _texts(
            "Kudottu raita, pellavapäällinen ja höyhentäyte.",
            "Vävd rand, överdrag av linne och fyllning av fjäder.",
            "A woven stripe, a linen cover and a feather filling.",
        ),
        "description": _texts(
            "Kaislan raidat on kudottu eikä painettu, joten ne ovat samat molemmin puolin ja pysyvät pesussa. "
            "Sisätyyny on hiukan päällistä suurempi: siksi kulmatkin ovat täynnä. Kaksi vierekkäin näyttää "
            "hyvältä, kun toisen kääntää raidat vaakaan.",
            "Ränderna är vävda och inte tryckta, så de är likadana på båda sidorna och tål tvätt. Innerkudden är "
            "en aning större än överdraget, och därför är också hörnen fyllda. Två bredvid varandra är fint när "
            "den ena vänds med ränderna på tvären.",
            "The stripes are woven, not printed, so they look the same on both sides and survive the wash. The "
            "inner cushion is slightly larger than the cover, which is why the corners are full too. Two side by "
            "side look well with the stripes of one turned across.",
        ),
        "width": _fact("50"),
        "height": _fact("50"),
        "materials": _texts(
            "Päällinen pellavaa, täyte ankanhöyhentä",
            "Överdrag av linne, fyllning av ankfjäder",
            "Linen cover, duck feather filling",
        ),
        "removable_cover": _fact(True),
        "care": _texts(
            "Päällinen koneeseen 40 asteessa. Sisätyyny tuuletetaan, ei pestä.",
            "Överdraget tvättas i maskin i 40 grader. Innerkudden vädras, den tvättas inte.",
            "Machine wash the cover at 40 degrees. Air the inner cushion; do not wash it.",
        ),
    },
    variants=(VariantDraft(sku="KAISLA-50"),),
)

CARE: Final = ProductDraft(
    code="care-hella",
    categories={"care": 10},
    values={
        "name": _texts(
            "Hellä, puhdistusvaahto villalle ja bukleelle",
            "Hellä, rengöringsskum för ull och bouclé",
            "Hellä cleaning foam for wool and bouclé",
        ),
        "summary": _texts(
            "Nostaa tahran pintaan eikä kastele kangasta läpi.",
            "Lyfter fläcken till ytan utan att blöta igenom tyget.",
            "Lifts a stain to the surface without soaking the fabric.",
        ),
        "description": _texts(
            "Villa ja buklee eivät pidä vedestä, siksi Hellä on vaahto. Pumppaa sienelle, painele tahran reunoilta "
            "kohti keskustaa, anna kuivua ja imuroi. Kokeile ensin paikkaan, joka ei näy.\n\n"
            "Hajusteeton, ei valkaise. Pellavalle tätä ei tarvita: sen päällinen menee pesukoneeseen.",
            "Ull och bouclé tycker inte om vatten, därför är Hellä ett skum. Pumpa på en svamp, badda från fläckens "
            "kanter mot mitten, låt torka och dammsug. Pröva först på ett ställe som inte syns.\n\n"
            "Oparfymerad, bleker inte. Linne behöver den inte: det överdraget tvättas i maskin.",
            "Wool and bouclé dislike water, so Hellä is a foam. Pump some onto a sponge, dab from the edge of the "
            "stain towards its middle, let it dry and vacuum. Try it first where it does not show.\n\n"
            "Unscented, does not bleach. Linen does not need it: that cover goes into the washing machine.",
        ),
        "content": _fact("500"),
    },
    variants=(VariantDraft(sku="HELLA-500"),),
)

PRODUCTS: Final = (SOFA, CUSHION, CARE)

LINK_TYPES: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("goes_with", {"fi": "Sopii yhteen", "sv-FI": "Passar ihop", "en": "Goes well with"}),
    ("care_for", {"fi": "Hoitoon", "sv-FI": "För skötseln", "en": "To care for it"}),
)

# The foam is for the woollen fabrics only; the linen cover is washed.
LINKS: Final[Mapping[str, tuple[LinkDraft, ...]]] = {
    SOFA.code: (
        LinkDraft(kind="goes_with", target=CUSHION.code),
        LinkDraft(kind="care_for", target=CARE.code, suits=("fabric", "pilvi")),
        LinkDraft(kind="care_for", target=CARE.code, suits=("fabric", "kanerva")),
    ),
    CUSHION.code: (LinkDraft(kind="goes_with", target=SOFA.code),),
}

# Cents, tax included.
PRICES: Final = {
    "LAITURI-HIEKKA": 149_000,
    "LAITURI-PILVI": 169_000,
    "LAITURI-KANERVA": 179_000,
    "KAISLA-50": 3_990,
    "HELLA-500": 1_490,
}

STOCK: Final[Mapping[str, Mapping[str, int]]] = {
    "LAHTI": {
        "LAITURI-HIEKKA": 14,
        "LAITURI-PILVI": 9,
        "LAITURI-KANERVA": 4,
        "KAISLA-50": 120,
        "HELLA-500": 60,
    },
    "HELSINKI": {"LAITURI-HIEKKA": 1, "LAITURI-KANERVA": 1, "KAISLA-50": 16, "HELLA-500": 12},
    "TAMPERE": {"LAITURI-PILVI": 1, "KAISLA-50": 5, "HELLA-500": 8},
}
