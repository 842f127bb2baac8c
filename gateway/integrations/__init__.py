"""The kinds of integration, a module each."""
