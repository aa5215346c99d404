"""User login in the browser: authorization code with PKCE, redirect address on this machine."""
