"""2.1 Markets, price lists, prices and tax, and the one price context of a request."""
