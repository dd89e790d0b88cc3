"""The order itself: what was agreed, in copies that nothing changes afterwards."""
