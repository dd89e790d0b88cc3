"""A stand-in for Stripe, on this machine: the payments part of its API, as much of it as Polku uses.

It answers as Stripe's documents say and as its SDK reads: `tests/contracts/test_stripe_fake.py` compares every shape
with the SDK's types. Nothing of the real Stripe's behaviour is proved by it. What it keeps to on purpose:

* PaymentIntents for `card` and `mobilepay`, with `capture_method` automatic or manual. A card may be captured in parts
  (`final_capture=false`) only where the intent asked for it (`payment_method_options[card][request_multicapture]` =
  `if_available`); MobilePay is captured once, for any part, and what is left is released.
* A person's part (3DS, MobilePay's app, choosing a card) is the page `/pay/{intent}`, which leads back to `return_url`
  when that is on an allowed origin.
* Idempotency keys: the first answer is kept, a 500 too, but no refusal of what was asked; other parameters are refused
  with 400; a second request while the first one runs with 409.
* Webhooks are signed, repeated until they are taken, and told to fail in every way that `faults` knows.
* Cancelling an authorised intent, or capturing less than all, shows the rest as `amount_refunded` of the charge and
  says `charge.refunded`, though no money came back: so does Stripe.

`python -m tests.fakes.stripe --port 8002` runs it alone; `running_fake_stripe()` in a test.
"""
