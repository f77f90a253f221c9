"""The outside: payment providers, carriers, e-mail, Kafka; real ones and sandboxes.

Implements the ports that `services` declare; imports services and core, and only app.py and
workers put it in place.
"""
