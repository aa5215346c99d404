"""Sends requests over HTTP, paced and recorded."""
