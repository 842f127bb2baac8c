"""Rows of numbers as they come in: one module for each format, all giving the same arrays."""
