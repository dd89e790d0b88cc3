"""Open matters: what no machine can bring to its end, so a person is shown it until she says that it is done."""
