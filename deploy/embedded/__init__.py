"""PostgreSQL and Valkey out of wheels, as children of this process (Linux and macOS).

Imports none of our rooms: the tests and the tools start servers without any settings.
"""
