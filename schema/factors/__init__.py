"""Factors: second factors, passkeys, accounts at outside providers."""
