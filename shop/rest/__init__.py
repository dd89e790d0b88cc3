"""/store/v1 and /staff/v1: translate, call one use case, translate back."""
