"""User login in the browser. Authorization code with PKCE, redirect address on this machine."""
