"""Adherence and conformance: what people did, compared with what their schedule has."""
