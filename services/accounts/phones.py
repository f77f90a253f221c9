"""Telephone numbers: written as people do, kept as E.164, so that they can be dialled anywhere."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from core.errors import InvalidInput


def checked_phone(text: str, *path: str, country: str | None = None) -> str:
    """`+493090182-0` -> `+4930901820`; an extension stays behind it: `+12175550100 x12`.

    country: where a number without `+` is; None: it needs one.
    Whether somebody has the number is not asked: new ranges are given out faster than we learn.

    Raises: InvalidInput for what can't be a telephone number.
    """
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        problem = "Write a telephone number with its country: +49 30 901820."
        raise InvalidInput(problem=problem, path=path)
    kept = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{kept} x{number.extension}" if number.extension else kept
