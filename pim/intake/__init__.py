"""1.6 Intake: what other systems know of products comes in whole, in steps that can be resumed."""
