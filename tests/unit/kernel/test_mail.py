"""A mail goes to one person, says its language, and carries no header that somebody typed."""

from typing import Any

import pytest

from config.kernel.mail import Mail, send


def test_a_mail_has_both_forms_and_its_language(mailoutbox: list[Any], settings: Any) -> None:
    send(
        message=Mail(
            to="maija@esimerkki.fi",
            subject="Tilauksesi on matkalla",
            text="Hei Maija!",
            html="<p>Hei Maija!</p>",
            language="fi",
            headers={"List-Unsubscribe": "<mailto:pois@polku.example>"},
        )
    )

    (mail,) = mailoutbox
    message = mail.message()
    assert (mail.to, mail.from_email, message["Subject"]) == (
        ["maija@esimerkki.fi"],
        settings.MAIL_FROM,
        "Tilauksesi on matkalla",
    )
    assert message["Content-Language"] == "fi"
    assert message["List-Unsubscribe"] == "<mailto:pois@polku.example>"
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("injected", ["\r\nBcc: all@esimerkki.fi", "\nBcc: x@y.fi", "\rX: y", "\0"])
@pytest.mark.parametrize("part", ["to", "subject", "language"])
def test_a_line_break_in_a_header_is_refused(part: str, injected: str) -> None:
    parts = {"to": "maija@esimerkki.fi", "subject": "Hei", "text": "Hei", "language": "fi"}

    with pytest.raises(ValueError, match="single lines"):
        Mail(**(parts | {part: parts[part] + injected}))


def test_a_line_break_in_a_further_header_is_refused() -> None:
    for headers in ({"X-A": "b\r\nBcc: c@d.fi"}, {"X-A\r\nBcc": "c@d.fi"}):
        with pytest.raises(ValueError, match="single lines"):
            Mail(to="maija@esimerkki.fi", subject="Hei", text="Hei", headers=headers)


@pytest.mark.parametrize("to", ["a@b.fi,c@d.fi", "a@b.fi; c@d.fi", "nobody", ""])
def test_a_mail_goes_to_one_address(to: str) -> None:
    with pytest.raises(ValueError, match="one address"):
        Mail(to=to, subject="Hei", text="Hei")
