"""The transactions that bind stock, delivery, agreement and payment into a promise."""
