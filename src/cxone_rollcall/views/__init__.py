"""Pure renderers: values in, text or bytes out. No client, no terminal."""
