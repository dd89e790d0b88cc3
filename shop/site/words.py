"""What stable codes of the API are called by people."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def _delivery_reasons() -> Mapping[str, str]:
    return {
        "postcode_missing": _("Tell us the postcode first."),
        "postcode_not_valid": _("There is no such postcode."),
        "out_of_stock": _("Not enough in stock."),
        "closed": _("Closed for the time being."),
        "too_heavy": _("Too heavy for this way."),
        "zone_not_served": _("Does not go to this postcode."),
    }


def _payment_methods() -> Mapping[str, str]:
    return {"card": _("Card"), "mobilepay": "MobilePay", "invoice": _("Invoice, 14 days")}


def _payment_reasons() -> Mapping[str, str]:
    return {
        "country_not_served": _("Not available in this country."),
        "currency_not_served": _("Not available in this currency."),
        "not_set_up": _("Not available just now."),
        "nothing_to_pay": _("There is nothing to pay."),
        "address_missing": _("Tell us your address first."),
        "sum_too_small": _("The sum is too small for it."),
    }


def _payment_failures() -> Mapping[str, str]:
    return {
        "insufficient_funds": _("There was not enough money on the card."),
        "expired_card": _("The card has expired."),
        "incorrect_cvc": _("The security code was not right."),
        "authentication_required": _("The bank wanted to be sure that it was you."),
        "payment_intent_authentication_failure": _("The bank could not confirm that it was you."),
    }


def _order_states() -> Mapping[str, str]:
    return {
        "pending_payment": _("Waiting for the payment"),
        "confirmed": _("Confirmed"),
        "completed": _("Everything has been sent"),
        "cancelled": _("Cancelled"),
    }


def _cancel_reasons() -> Mapping[str, str]:
    return {
        "expired": _("It was not paid in time."),
        "by_buyer": _("You called it off."),
        "by_staff": _("We called it off."),
    }


def _return_states() -> Mapping[str, str]:
    return {
        "announced": _("On its way to us"),
        "received": _("We have received it"),
        "credited": _("Credited"),
    }


def _return_reasons() -> Mapping[str, str]:
    return {
        "changed_mind": _("I changed my mind"),
        "does_not_suit": _("It does not suit my home"),
        "wrong_size": _("The size is wrong"),
        "not_as_described": _("It is not as described"),
        "damaged": _("It is damaged"),
        "wrong_item": _("I got the wrong thing"),
        "too_late": _("It came too late"),
        "other": _("Something else"),
    }


def _exclusions() -> Mapping[str, str]:
    return {"custom_made": _("Made to your measure, so it cannot be sent back.")}


def _invoice_kinds() -> Mapping[str, str]:
    return {"invoice": _("Invoice"), "credit_note": _("Credit note")}


def _refund_states() -> Mapping[str, str]:
    return {
        "pending": pgettext("a refund", "on its way"),
        "done": pgettext("a refund", "paid"),
        "failed": pgettext("a refund", "did not succeed; we look into it"),
    }


_WORDS: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = {
    "delivery_reason": _delivery_reasons,
    "payment_method": _payment_methods,
    "payment_reason": _payment_reasons,
    "payment_failure": _payment_failures,
    "order_state": _order_states,
    "cancel_reason": _cancel_reasons,
    "return_state": _return_states,
    "return_reason": _return_reasons,
    "exclusion": _exclusions,
    "invoice_kind": _invoice_kinds,
    "refund_state": _refund_states,
}


def words_of(kind: str) -> Mapping[str, str]:
    """Every code of that kind with its words, in the order in which a person is offered them."""
    return _WORDS[kind]()


def word_for(code: str | None, kind: str) -> str:
    """The code's words; nothing where nobody has found any, so that no code is ever shown to people."""
    return words_of(kind).get(code or "", "")
