"""What a sign-in shows of the device it is used on: enough to know it again, no more.

Told by the client itself: it helps people, and decides nothing.
"""

import ipaddress
from typing import Final

from core.identity import Client

# What a User-Agent holds -> what people call it. The first that fits: the others imitate.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
LONGEST: Final = 60
_KEPT_BITS: Final = {4: 24, 6: 48}


def device_of(agent: str) -> str:
    """`Firefox on Windows`; the program's own name for what is no browser; "" when not told."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    program = agent.split("/", maxsplit=1)[0].strip()[:LONGEST]
    named = browser or (program if program.isprintable() and program != "Mozilla" else "")
    return f"{named} on {system}" if named and system else named or system


def coarse(address: str) -> str:
    """The network that an address is in, without the part that names one line.

    `203.0.113.0/24`, `2001:db8:1::/48`; "" for what is no address.
    """
    try:
        exact = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = exact.ipv4_mapped if isinstance(exact, ipaddress.IPv6Address) else None
    kept = mapped or exact
    return str(ipaddress.ip_network((kept, _KEPT_BITS[kept.version]), strict=False))


def where(client: Client) -> dict[str, str]:
    """The columns of a sign-in that say where it was used."""
    return {"device": device_of(client.agent), "address": coarse(client.address)}
