"""The demo shop's own texts and figures, as they stand in `shop/`."""

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "shop"
MERCHANTS: Final = (
    "aurora-living",
    "tidewater-outfitters",
    "lumen-and-byte",
    "orchard-lane-market",
    "papercrane-studio",
)


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def merchants() -> dict[str, dict[str, Any]]:
    """Slug -> the merchant with its products."""
    return {slug: read(slug) for slug in MERCHANTS}


def accounts() -> list[dict[str, str]]:
    """Who can sign in: label, e-mail address, password, and kind (shopper, merchant, platform)."""
    people = read("people")
    kinds = {
        "shoppers": "shopper",
        "staff": "merchant",
        "applicants": "merchant",
        "operators": "platform",
    }
    return [
        {**{name: one[name] for name in ("label", "email", "password")}, "kind": kind}
        for group, kind in kinds.items()
        for one in people[group]
    ]


def texts(pair: list[str]) -> dict[str, str]:
    """English and Chinese."""
    return dict(zip(("en", "zh-Hans"), pair, strict=True))
