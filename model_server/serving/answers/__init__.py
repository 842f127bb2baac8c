"""Answers as they go out: one module for each format, all writing the same fields."""
