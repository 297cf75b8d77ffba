"""What the demo company sells: ranges of household goods, each in colours and sizes. Data only."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """One kind of article in all its variants; `shape` says how its picture is drawn."""

    code: str
    name: str
    shape: str
    variants: tuple[str, ...]
    price: Decimal
    weight_grams: int
    size_mm: tuple[int, int, int]
    hs_code: str
    origin: str
    supplier: str
    inner: int = 0
    case: int = 0


@dataclass(frozen=True, slots=True)
class Colour:
    """A glaze, a dye or a wood: its SKU letters and its paint."""

    code: str
    paint: str


COLOURS = {
    "Chalk": Colour("CHK", "#e9e4d8"),
    "Slate": Colour("SLT", "#5b6670"),
    "Moss": Colour("MOS", "#6f7f4f"),
    "Indigo": Colour("IND", "#34447c"),
    "Rust": Colour("RST", "#b0552f"),
    "Ochre": Colour("OCH", "#cf9a36"),
    "Sage": Colour("SAG", "#a3b18a"),
    "Blush": Colour("BLU", "#dba8a0"),
    "Teal": Colour("TEA", "#2f7f7a"),
    "Plum": Colour("PLM", "#6d3b5e"),
    "Ink": Colour("INK", "#23272e"),
    "Sand": Colour("SND", "#cdb894"),
    "Oak": Colour("OAK", "#b98d5b"),
    "Walnut": Colour("WAL", "#6b4a2f"),
    "Brass": Colour("BRS", "#b99a4a"),
    "Clear": Colour("CLR", "#c9dde2"),
}

GLAZES = ("Chalk", "Slate", "Moss", "Indigo", "Rust", "Ochre", "Sage", "Blush", "Teal", "Plum")
DYES = ("Chalk", "Slate", "Moss", "Indigo", "Rust", "Ochre", "Blush", "Teal", "Plum", "Sand")
WOODS = ("Oak", "Walnut", "Sand", "Ink")
TINTS = ("Clear", "Teal", "Blush", "Ochre", "Slate")

SUPPLIERS = {
    "STOKE": ("Stoke Potteries", "orders@stoke-potteries.example", 14),
    "PORTO": ("Cerâmica do Porto", "vendas@ceramica-porto.example", 28),
    "NORRA": ("Norra Trä AB", "order@norra-tra.example", 21),
    "LINEN": ("Ulster Linen Mill", "sales@ulster-linen.example", 18),
    "GLASS": ("Bohemia Glassworks", "export@bohemia-glass.example", 35),
    "PAPER": ("Fen Paper Works", "trade@fen-paper.example", 7),
    "METAL": ("Sheffield Hollowware", "orders@sheffield-hollow.example", 12),
    "WAXES": ("Beacon Candles", "hello@beacon-candles.example", 9),
}


def _range(  # noqa: PLR0913, PLR0917 - a line of a list
    code: str,
    name: str,
    shape: str,
    variants: tuple[str, ...],
    price: str,
    grams: int,
    size: tuple[int, int, int],
    hs_code: str,
    origin: str,
    supplier: str,
    inner: int = 0,
    case: int = 0,
) -> Range:
    return Range(
        code, name, shape, variants, Decimal(price), grams, size, hs_code, origin, supplier, inner,
        case,
    )  # fmt: skip


RANGES = (
    _range("MUG", "Stoneware mug", "mug", GLAZES, "9.50", 380, (120, 85, 95), "691200", "GB",
           "STOKE", 6, 24),
    _range("ESP", "Espresso cup", "mug", GLAZES, "6.75", 160, (80, 60, 62), "691200", "GB",
           "STOKE", 6, 48),
    _range("BWL", "Cereal bowl", "bowl", GLAZES, "11.00", 520, (150, 150, 65), "691200", "PT",
           "PORTO", 4, 16),
    _range("SRV", "Serving bowl", "bowl", GLAZES, "28.00", 1450, (280, 280, 95), "691200", "PT",
           "PORTO", 0, 4),
    _range("PLT", "Dinner plate", "plate", GLAZES, "14.50", 780, (270, 270, 25), "691200", "PT",
           "PORTO", 4, 16),
    _range("SID", "Side plate", "plate", GLAZES, "9.00", 410, (205, 205, 20), "691200", "PT",
           "PORTO", 4, 24),
    _range("TEA", "Teapot", "teapot", GLAZES, "34.00", 980, (240, 150, 160), "691200", "GB",
           "STOKE", 0, 6),
    _range("JUG", "Milk jug", "jug", GLAZES, "16.00", 430, (130, 95, 120), "691200", "GB",
           "STOKE", 0, 12),
    _range("VAS", "Bud vase", "vase", GLAZES, "18.50", 460, (90, 90, 170), "691390", "PT",
           "PORTO", 0, 12),
    _range("POT", "Plant pot", "pot", GLAZES, "15.00", 900, (160, 160, 150), "691410", "PT",
           "PORTO", 0, 8),
    _range("TBL", "Tumbler", "glass", TINTS, "7.50", 260, (80, 80, 105), "701337", "CZ",
           "GLASS", 6, 24),
    _range("WIN", "Wine glass", "wine", TINTS, "11.50", 190, (85, 85, 210), "701328", "CZ",
           "GLASS", 6, 12),
    _range("CRF", "Carafe 1 l", "vase", TINTS, "22.00", 720, (110, 110, 260), "701349", "CZ",
           "GLASS", 0, 6),
    _range("JAR", "Storage jar", "jar", TINTS, "12.00", 640, (110, 110, 180), "701090", "CZ",
           "GLASS", 0, 12),
    _range("TTW", "Linen tea towel", "cloth", DYES, "8.50", 110, (280, 200, 10), "630291", "GB",
           "LINEN", 10, 50),
    _range("NAP", "Linen napkins, 4", "cloth", DYES, "24.00", 180, (200, 200, 30), "630252", "GB",
           "LINEN", 5, 25),
    _range("APR", "Linen apron", "apron", DYES, "32.00", 320, (320, 240, 30), "621143", "GB",
           "LINEN", 5, 20),
    _range("CUS", "Cushion cover 45 cm", "cushion", DYES, "21.00", 210, (300, 250, 20), "630492",
           "GB", "LINEN", 5, 20),
    _range("THR", "Wool throw", "blanket", DYES, "68.00", 1150, (380, 300, 110), "630120", "GB",
           "LINEN", 0, 8),
    _range("TWL", "Hand towel", "cloth", DYES, "13.00", 260, (300, 220, 40), "630260", "GB",
           "LINEN", 6, 36),
    _range("BRD", "Chopping board", "board", WOODS, "29.00", 1300, (400, 250, 22), "441911", "SE",
           "NORRA", 0, 8),
    _range("SPN", "Cooking spoon", "spoon", WOODS, "6.00", 60, (300, 60, 15), "441990", "SE",
           "NORRA", 10, 60),
    _range("TRY", "Serving tray", "board", WOODS, "38.00", 1050, (450, 320, 45), "441990", "SE",
           "NORRA", 0, 6),
    _range("HOK", "Coat hook", "hook", (*WOODS, "Brass"), "8.00", 95, (60, 60, 45), "442199", "SE",
           "NORRA", 10, 40),
    _range("FRM", "Picture frame A4", "frame", WOODS, "17.00", 620, (330, 240, 25), "441400", "SE",
           "NORRA", 0, 10),
    _range("CND", "Scented candle", "candle", DYES, "16.50", 410, (80, 80, 95), "340600", "GB",
           "WAXES", 6, 24),
    _range("TAP", "Taper candles, 6", "tapers", DYES, "9.00", 330, (260, 70, 45), "340600", "GB",
           "WAXES", 6, 30),
    _range("NBK", "Notebook A5", "book", DYES, "7.00", 240, (210, 148, 14), "482010", "GB",
           "PAPER", 10, 60),
    _range("CRD", "Card set, 8", "card", DYES, "10.50", 130, (160, 115, 20), "490900", "GB",
           "PAPER", 10, 50),
    _range("WRP", "Wrapping paper, 3 m", "tapers", DYES, "4.50", 150, (700, 40, 40), "480269",
           "GB", "PAPER", 12, 48),
    _range("LMP", "Desk lamp", "lamp", ("Ink", "Chalk", "Moss", "Brass"), "79.00", 2100,
           (420, 200, 200), "940521", "GB", "METAL", 0, 2),
    _range("KET", "Stove kettle", "teapot", ("Ink", "Chalk", "Rust", "Brass"), "58.00", 1250,
           (230, 190, 210), "732399", "GB", "METAL", 0, 4),
    _range("BIN", "Bread bin", "jar", ("Ink", "Chalk", "Sage", "Slate"), "46.00", 1800,
           (340, 210, 180), "732399", "GB", "METAL", 0, 4),
    _range("HLD", "Candle holder", "candle", ("Ink", "Brass", "Chalk", "Rust"), "14.00", 240,
           (90, 90, 60), "830629", "GB", "METAL", 6, 24),
    _range("SOP", "Soap bar", "bar", DYES, "5.50", 120, (85, 55, 30), "340111", "GB",
           "WAXES", 12, 72),
    _range("PLN", "Desk planner", "book", DYES, "12.50", 380, (210, 148, 24), "482010", "GB",
           "PAPER", 5, 30),
    _range("BOX", "Gift box", "bar", DYES, "6.50", 210, (250, 180, 90), "481920", "GB",
           "PAPER", 10, 40),
)  # fmt: skip

# Sold, never stocked.
CHARGES = (
    ("POSTAGE", "Postage", Decimal("4.95")),
    ("GIFTWRAP", "Gift wrapping", Decimal("3.50")),
    ("ENGRAVE", "Engraving", Decimal("9.00")),
)
