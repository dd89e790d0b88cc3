"""Codes that a camera reads off a screen or a sheet of paper."""

import segno


def qr_of(text: str) -> str:
    """A QR code of `text` as a picture's address (`data:`): dark on light, with the quiet zone that readers need."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")
