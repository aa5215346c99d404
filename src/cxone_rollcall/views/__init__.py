"""Pure renderers: values in, text or bytes out."""
