"""Formats besides plain text: each file registers the reader of one."""
