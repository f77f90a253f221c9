"""The OAuth2 and OpenID Connect server, by a client that we did not write, and by attacks."""
