"""Who is asking: tokens, callers, the middleware that puts the caller in scope."""
