"""The customers' doors: one record, for integrations that may read it."""
