"""The OAuth2 and OpenID Connect server (docs/adr/0013).

authlib judges requests, `server.py` gives it our tables, `direct.py` has the endpoints that
programs call, `authorize.py`, `device_page.py` and `logout_page.py` those that people see.
"""
