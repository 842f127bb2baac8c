"""What crosses a boundary: applications, features, decisions. Pure values, no I/O, no SDK."""
