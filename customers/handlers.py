"""What the customers do when something happens."""

from config.kernel.events import handles
from config.kernel.jobs import enqueue
from customers import tasks
from customers.events import SignInCodeAsked


@handles(SignInCodeAsked)
def on_sign_in_code_asked(event: SignInCodeAsked) -> None:
    """She waits for her code."""
    enqueue(tasks.send_code_letter, letter_id=str(event.letter_id))
