"""A small shop to be searched: 40 products in English, Chinese and German.

Documents as the maker makes them, so that an engine can be filled without a database of products.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from search.documents import Document, Texts
from search.words import code_of

LANGUAGES: Final = ("en", "zh-Hans", "de")
FIRST_DAY: Final = datetime(2026, 1, 1, 8, tzinfo=UTC)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=(0x0190 << 112) | (7 << 76) | (kind << 64) | (2 << 62) | number)


def _named(kind: int, names: Sequence[str]) -> dict[str, UUID]:
    return {name: _id(kind, n) for n, name in enumerate(names, start=1)}


# slug -> names, and the slug of the one above.
_CATEGORIES: Final[dict[str, tuple[Texts, str | None]]] = {
    "home": ({"en": "Home", "zh-Hans": "家居", "de": "Wohnen"}, None),
    "lamps": ({"en": "Lamps", "zh-Hans": "灯具", "de": "Leuchten"}, "home"),
    "kitchen": ({"en": "Kitchen", "zh-Hans": "厨房", "de": "Küche"}, "home"),
    "electronics": ({"en": "Electronics", "zh-Hans": "电子产品", "de": "Elektronik"}, None),
    "phones": ({"en": "Phones", "zh-Hans": "手机通讯", "de": "Telefone"}, "electronics"),
    "audio": ({"en": "Audio", "zh-Hans": "音响", "de": "Ton"}, "electronics"),
    "clothing": ({"en": "Clothing", "zh-Hans": "服装", "de": "Kleidung"}, None),
    "shirts": ({"en": "Shirts", "zh-Hans": "衬衫", "de": "Hemden"}, "clothing"),
    "shoes": ({"en": "Shoes", "zh-Hans": "鞋", "de": "Schuhe"}, "clothing"),
}

CATEGORIES: Final = _named(1, list(_CATEGORIES))
BRANDS: Final = _named(2, ["Lumina", "Nordwind", "Hanami", "Kestrel", "Öko & Söhne"])
MERCHANTS: Final = _named(3, ["north", "south", "east"])
PRODUCT_TYPES: Final = _named(4, ["lamp", "device", "garment", "household"])
_TYPE_OF: Final = {
    "lamps": "lamp",
    "phones": "device",
    "audio": "device",
    "shirts": "garment",
    "shoes": "garment",
    "kitchen": "household",
}


@dataclass(frozen=True)
class Row:
    """What is said of a product; the rest follows from its place in the list."""

    key: str
    en: str
    zh: str
    category: str
    brand: str
    price: int
    de: str = ""
    sold: int = 0
    rating: tuple[int, int] = (0, 0)
    stock: bool = True
    codes: tuple[str, ...] = ()
    color: str = ""
    material: str = ""
    summary: str = ""
    description: str = ""


def _path(category: str) -> list[str]:
    above = _CATEGORIES[category][1]
    return [*(_path(above) if above else []), category]


def _document(number: int, row: Row) -> Document:
    path = _path(row.category)
    values = {"color": row.color, "material": row.material}
    return Document(
        product_id=_id(0, number),
        merchant_id=MERCHANTS[["north", "south", "east"][number % 3]],
        product_type_id=PRODUCT_TYPES[_TYPE_OF[row.category]],
        brand_id=BRANDS.get(row.brand),
        category_ids=[CATEGORIES[slug] for slug in path],
        names=_texts(row.en, row.zh, row.de),
        summaries=_texts(row.summary),
        descriptions=_texts(row.description),
        categories=[_CATEGORIES[slug][0] for slug in path],
        brand=row.brand,
        attribute_texts=[value for value in values.values() if value],
        codes=[code_of(code) for code in row.codes],
        attributes=[f"{slug}={value}" for slug, value in values.items() if value],
        price_minor=row.price,
        in_stock=row.stock,
        rating=row.rating[0],
        rating_count=row.rating[1],
        units_sold=row.sold,
        published_at=FIRST_DAY + timedelta(days=number, microseconds=number),
    )


def _texts(en: str, zh: str = "", de: str = "") -> Mapping[str, str]:
    return {language: text for language, text in zip(LANGUAGES, (en, zh, de), strict=True) if text}


# fmt: off
ROWS: Final = [
    Row("desk_lamp", "Brass Desk Lamp", "黄铜台灯", "lamps", "Lumina", 4_900, "Schreibtischlampe aus Messing", 120, (460, 31), codes=("LMP-DESK-01", "4006381333931"), color="gold", material="brass", summary="A warm light for late letters.", description="Dimmable lamp with a heavy foot. The lamp turns in all directions."),
    Row("floor_lamp", "Arc Floor Lamp", "弧形落地灯", "lamps", "Lumina", 18_900, "Bogenlampe", 45, (410, 12), codes=("LMP-FLOOR-02",), color="black", material="steel", summary="Reaches over the sofa.", description="Two metres of brushed steel."),
    Row("paper_lamp", "Paper Lantern", "纸灯笼", "lamps", "Hanami", 1_900, "Papierlaterne", 300, (380, 54), codes=("HAN-LANT-3",), color="white", material="paper", summary="Folded by hand.", description="Rice paper around a wire; for any lamp socket."),
    Row("led_strip", "LED Strip 5m", "LED灯带5米", "lamps", "Kestrel", 2_500, "LED-Streifen 5 m", 800, (350, 210), codes=("KES-LED-5M",), color="white", material="plastic", summary="Sticks under shelves.", description="12 V, can be cut every 5 cm."),
    Row("night_light", "Night Light Moon", "月亮夜灯", "lamps", "Hanami", 2_900, "Nachtlicht Mond", 60, (490, 8), stock=False, codes=("HAN-MOON",), color="white", material="plastic", summary="Glows until morning.", description="A moon for the children's room."),
    Row("tea_kettle", "Cast Iron Tea Kettle", "铸铁茶壶", "kitchen", "Hanami", 6_500, "Teekessel aus Gusseisen", 75, (470, 40), codes=("HAN-KETTLE-08",), color="black", material="iron", summary="Keeps tea warm for hours.", description="Enamelled inside. Holds 0.8 litres."),
    Row("chef_knife", "Chef's Knife 20 cm", "主厨刀20厘米", "kitchen", "Nordwind", 8_900, "Kochmesser 20 cm", 150, (480, 77), codes=("NW-KNIFE-20",), color="silver", material="steel", summary="Forged from one piece.", description="Stays sharp; wash by hand."),
    Row("paring_knife", "Paring Knife", "水果刀", "kitchen", "Nordwind", 2_400, "Schälmesser", 90, (430, 22), codes=("NW-KNIFE-09",), color="silver", material="steel", summary="For fruit and small hands.", description="A short blade, a round handle."),
    Row("cutting_board", "Oak Cutting Board", "橡木砧板", "kitchen", "Öko & Söhne", 3_900, "Schneidebrett aus Eiche", 210, (440, 35), codes=("OEKO-BOARD",), color="brown", material="oak", summary="Oiled oak, both sides.", description="Kind to every knife in the kitchen."),
    Row("frying_pan", "Iron Frying Pan", "铁煎锅", "kitchen", "Nordwind", 5_500, "Bratpfanne aus Eisen", 66, (400, 18), stock=False, codes=("NW-PAN-28",), color="black", material="iron", summary="Gets better every year.", description="28 cm, for every stove."),
    Row("glass_jar", "Glass Storage Jars", "玻璃储物罐", "kitchen", "Öko & Söhne", 1_500, "Vorratsgläser", 500, (360, 90), codes=("OEKO-JAR-3",), color="clear", material="glass", summary="Three jars with lids.", description="Keeps flour, rice and tea dry."),
    Row("espresso_maker", "Espresso Maker", "意式咖啡壶", "kitchen", "Kestrel", 3_200, "Espressokocher", 340, (420, 120), codes=("KES-MOKA-6",), color="silver", material="aluminium", summary="Six small cups.", description="Coffee on any stove in four minutes."),
    Row("coffee_grinder", "Coffee Grinder", "咖啡研磨机", "kitchen", "Kestrel", 4_500, "Kaffeemühle", 130, (390, 44), codes=("KES-GRIND",), color="black", material="steel", summary="From coarse to fine.", description="Burrs of steel, fifteen steps."),
    Row("phone", "Kestrel One Phone 128 GB", "Kestrel One 手机 128GB", "phones", "Kestrel", 49_900, "Kestrel One Telefon 128 GB", 900, (430, 640), codes=("KES-ONE-128", "5901234123457"), color="black", material="glass", summary="Two cameras, three days.", description="A telephone that lasts. With wireless charging and NFC."),
    Row("phone_white", "Kestrel One Phone 256 GB", "Kestrel One 手机 256GB", "phones", "Kestrel", 59_900, "Kestrel One Telefon 256 GB", 400, (440, 310), codes=("KES-ONE-256",), color="white", material="glass", summary="Twice the room.", description="A telephone that lasts. With wireless charging and NFC."),
    Row("phone_case", "Phone Case", "手机壳", "phones", "Lumina", 1_200, "Handyhülle", 2_000, (370, 800), codes=("LUM-CASE-ONE",), color="black", material="silicone", summary="Fits the Kestrel One.", description="Soft edges, nothing slips."),
    Row("leather_case", "Leather Phone Case", "真皮手机壳", "phones", "Nordwind", 3_900, "Lederhülle", 150, (450, 61), codes=("NW-CASE-LTH",), color="brown", material="leather", summary="Ages well.", description="Vegetable tanned; with room for two cards."),
    Row("charger", "Wireless Charger", "无线充电器", "phones", "Kestrel", 2_900, "Kabelloses Ladegerät", 610, (340, 250), codes=("KES-QI-15",), color="white", material="plastic", summary="15 watts without a cable.", description="For every phone that knows Qi."),
    Row("cable", "USB-C Cable 2 m", "USB-C数据线2米", "phones", "Kestrel", 900, "USB-C-Kabel 2 m", 3_000, (330, 1_200), codes=("KES-USBC-2M",), color="black", material="plastic", summary="Charges and carries data.", description="Bends ten thousand times."),
    Row("headphones", "Wireless Headphones", "无线耳机", "audio", "Hanami", 12_900, "Kabellose Kopfhörer", 700, (450, 420), codes=("HAN-HP-700",), color="black", material="plastic", summary="Silence, then music.", description="Thirty hours; folds flat."),
    Row("earbuds", "Sport Earbuds", "运动耳塞", "audio", "Kestrel", 5_900, "Sport-Ohrhörer", 1_100, (320, 530), codes=("KES-BUDS",), color="green", material="silicone", summary="Stay where they are.", description="Sweat does not harm these wireless earbuds."),
    Row("speaker", "Portable Speaker", "便携音箱", "audio", "Lumina", 7_900, "Tragbarer Lautsprecher", 260, (410, 140), codes=("LUM-SPK-1",), color="red", material="plastic", summary="Loud for its size.", description="Floats. With a lamp for the tent."),
    Row("record_player", "Record Player", "黑胶唱片机", "audio", "Nordwind", 24_900, "Plattenspieler", 30, (480, 19), stock=False, codes=("NW-REC-33",), color="brown", material="walnut", summary="Walnut and felt.", description="33 and 45 turns."),
    Row("soundbar", "Soundbar", "回音壁", "audio", "Kestrel", 15_900, "Klangleiste", 85, (370, 60), codes=("KES-BAR-2",), color="black", material="plastic", summary="Films at home.", description="Below any television."),
    Row("linen_shirt", "Linen Shirt", "亚麻衬衫", "shirts", "Nordwind", 6_900, "Leinenhemd", 190, (420, 66), codes=("NW-SHIRT-LIN-M", "NW-SHIRT-LIN-L"), color="white", material="linen", summary="Cool in summer.", description="Woven in Portugal."),
    Row("cotton_shirt", "Cotton T-Shirt", "纯棉T恤", "shirts", "Öko & Söhne", 1_900, "T-Shirt aus Baumwolle", 1_500, (400, 380), codes=("OEKO-TEE-S", "OEKO-TEE-M"), color="red", material="cotton", summary="Organic cotton.", description="Men's and women's cuts."),
    Row("striped_shirt", "Striped Shirt", "条纹衬衫", "shirts", "Nordwind", 5_500, "Gestreiftes Hemd", 70, (360, 14), codes=("NW-SHIRT-STR",), color="blue", material="cotton", summary="Like a sailor's.", description="Stripes all around."),
    Row("silk_blouse", "Silk Blouse", "真丝女衬衫", "shirts", "Hanami", 11_900, "Seidenbluse", 55, (460, 28), codes=("HAN-SILK-BL",), color="green", material="silk", summary="Light as air.", description="Mulberry silk, natural dyes."),
    Row("kimono_jacket", "Kimono Jacket", "和服外套", "shirts", "Hanami", 13_900, "Kimonojacke", 25, codes=("HAN-KIM-J",), color="blue", material="cotton", summary="Over everything.", description="Cut in one piece, dyed with indigo."),
    Row("flannel_shirt", "Flannel Shirt", "法兰绒衬衫", "shirts", "Kestrel", 4_500, "Flanellhemd", 240, (410, 95), stock=False, codes=("KES-FLAN",), color="red", material="cotton", summary="For cold mornings.", description="Brushed on both sides."),
    Row("running_shoes", "Running Shoes", "跑步鞋", "shoes", "Kestrel", 8_900, "Laufschuhe", 950, (430, 510), codes=("KES-RUN-42", "KES-RUN-43"), color="blue", material="mesh", summary="For the long way.", description="Soft under the heel. Run and walk."),
    Row("hiking_boots", "Hiking Boots", "登山靴", "shoes", "Nordwind", 15_900, "Wanderstiefel", 180, (470, 130), codes=("NW-BOOT-43",), color="brown", material="leather", summary="Dry feet in any weather.", description="Leather outside, wool inside."),
    Row("sneakers", "Canvas Sneakers", "帆布鞋", "shoes", "Öko & Söhne", 4_900, "Leinenschuhe", 620, (380, 240), codes=("OEKO-SNK",), color="white", material="canvas", summary="Without plastic.", description="Natural rubber and canvas."),
    Row("sandals", "Leather Sandals", "皮凉鞋", "shoes", "Öko & Söhne", 5_900, "Ledersandalen", 110, (350, 33), codes=("OEKO-SAND",), color="brown", material="leather", summary="Summer on both feet.", description="Three straps."),
    Row("slippers", "Felt Slippers", "毛毡拖鞋", "shoes", "Hanami", 2_900, "Filzpantoffeln", 160, (440, 49), codes=("HAN-SLIP",), color="grey", material="wool", summary="Quiet at night.", description="Wool felt, sewn by hand."),
    Row("wool_socks", "Wool Socks", "羊毛袜", "shoes", "Nordwind", 1_400, "Wollsocken", 430, (450, 150), codes=("NW-SOCK",), color="grey", material="wool", summary="Two pairs.", description="Warm and never itchy."),
    Row("torch", "Pocket Torch", "袖珍手电筒", "lamps", "Kestrel", 1_700, "Taschenlampe", 350, (400, 88), codes=("KES-TORCH",), color="black", material="aluminium", summary="Light in the pocket.", description="One battery, ten hours."),
    Row("table_lamp", "Table Lamp", "桌灯", "lamps", "Öko & Söhne", 7_400, "Tischlampe", 0, codes=("OEKO-TABLE",), color="green", material="glass", summary="A green shade.", description="As in the reading rooms of old libraries. Needs no phone."),
    Row("rice_cooker", "Rice Cooker", "电饭煲", "kitchen", "Hanami", 9_900, "Reiskocher", 480, (460, 260), codes=("HAN-RICE-10",), color="white", material="steel", summary="Ten bowls.", description="Keeps rice warm until everybody is at home."),
    Row("creme_brulee_set", "Crème Brûlée Set", "焦糖布丁套装", "kitchen", "Lumina", 3_600, "Crème-brûlée-Set", 40, (420, 9), codes=("LUM-CREME",), color="white", material="porcelain", summary="Four bowls and a flame.", description="“Sugar & fire” <for> patient cooks."),
]
# fmt: on

PRODUCTS: Final[dict[str, Document]] = {
    row.key: _document(number, row) for number, row in enumerate(ROWS, start=1)
}
DOCUMENTS: Final = list(PRODUCTS.values())
_KEYS: Final = {document.product_id: key for key, document in PRODUCTS.items()}


def id_of(key: str) -> UUID:
    return PRODUCTS[key].product_id


def keys_of(hits: Sequence[Any]) -> list[str]:
    """Of hits, or of anything with an `id`."""
    return [_KEYS[hit.id] for hit in hits]


def changed(key: str, **facts: Any) -> Document:
    return replace(PRODUCTS[key], **facts)
