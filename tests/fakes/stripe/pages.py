"""The page where a person pays: chooses a card, passes 3DS or approves in MobilePay, or declines."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.fakes.stripe.book import Book
from tests.fakes.stripe.cards import BY_NUMBER, CARDS
from tests.fakes.stripe.objects import Json, Refused

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Payment (a fake of Stripe)</title>
<style>body{{font:1rem/1.5 system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}}
button,input{{font:inherit;padding:.4rem .8rem;margin:.2rem 0}}</style>
<h1>{amount} {currency}</h1>
<p>This is a fake of Stripe: no money moves. <code>{intent}</code> is <b>{status}</b>.</p>
{said}
<form method="post">{hidden}{body}</form>
{back}
"""


def page(intent: Json, *, return_url: str, said: str = "") -> str:
    """The page for `intent` as it is now."""
    status = intent["status"]
    body = ""
    if status == "requires_payment_method" and "card" in intent["payment_method_types"]:
        choices = "".join(f'<option value="{card.number}">{escape(card.names[0])}</option>' for card in CARDS)
        body = (
            f'<p><label>Card <input name="card" list="cards" value="{CARDS[0].number}"></label>'
            f'<datalist id="cards">{choices}</datalist></p><button name="do" value="pay">Pay</button>'
        )
    elif status == "requires_action":
        body = '<button name="do" value="approve">Approve</button> <button name="do" value="decline">Decline</button>'
    target = back_to(intent, return_url)
    return _PAGE.format(
        amount=f"{intent['amount'] / 100:.2f}",
        currency=escape(intent["currency"].upper()),
        intent=intent["id"],
        status=escape(status),
        said=f"<p role=alert>{escape(said)}</p>" if said else "",
        hidden=f'<input type="hidden" name="return_url" value="{escape(return_url)}">' if return_url else "",
        body=body,
        back=f'<p><a href="{escape(target)}">Back to the shop</a></p>' if target else "",
    )


def act(book: Book, name: str, *, do: str, card: str, return_url: str) -> tuple[Json, str]:
    """Do what the person chose. Gives the intent as it is afterwards, and what to say when it went wrong."""
    try:
        if do == "pay":
            if card.replace(" ", "") not in BY_NUMBER:
                return book.intent(name), "This is not one of the test cards."
            chosen = BY_NUMBER[card.replace(" ", "")].names[0]
            given = {"payment_method": chosen} | ({"return_url": return_url} if return_url else {})
            return book.confirm_intent(name, given), ""
        return book.answer_challenge(name, passes=do == "approve"), ""
    except Refused as refused:
        return book.intent(name), refused.message


def back_to(intent: Json, return_url: str) -> str:
    """`return_url` with what Stripe adds to it; empty when there is none."""
    if not return_url:
        return ""
    done = intent["status"] in ("succeeded", "requires_capture", "processing")
    added = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if done else "failed",
    }
    parts = urlsplit(return_url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *added.items()])))


def is_allowed(return_url: str, origins: tuple[str, ...]) -> bool:
    """Whether a person may be sent to `return_url`: its origin is in `origins`, or is this machine."""
    try:
        parts = urlsplit(return_url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or "\\" in return_url:
        return False
    return host in ("localhost", "127.0.0.1", "::1") or f"{parts.scheme}://{parts.netloc}" in origins
