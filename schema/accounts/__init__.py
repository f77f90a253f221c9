"""Accounts: people, their sign-ins and their addresses."""
