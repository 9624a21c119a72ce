"""Kernels forked from a loaded process, for any notebook; knows nothing of GII."""
