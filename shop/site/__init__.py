"""The storefront's pages: what the API tells, for people to read."""
