"""The orders' doors: the buyer's own order and its returns, and what a location's staff does with them."""
