"""Which user is which customer: an address that was proved by a code joins an account to a record."""
