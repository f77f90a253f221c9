"""A card processor for development and tests: Stripe's wire protocol, in a process of its own.

It imports nothing of the shop, so that the shop can only reach it the way it reaches Stripe.
`python -m integrations.payments.sandbox --help` tells how to start it.
"""
