"""Models that predict: loading them from a folder, scores, contributions, native code."""
