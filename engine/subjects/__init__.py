"""Who a raw row is about: identity, shared identities, sites."""
