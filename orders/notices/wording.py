"""A message as an e-mail in HTML: responsive tables that every reader shows, made from MJML."""

import mrml
from django.template.loader import render_to_string

from orders.notices.rules import Message


def as_html(*, message: Message) -> str:
    """The message as HTML; what it says is escaped by the template."""
    html: str = mrml.to_html(render_to_string("orders/notice.mjml", {"message": message})).content
    return html
