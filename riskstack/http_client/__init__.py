"""HTTP/1.1 as a client speaks it on a hot path: few features, little time; httptools parses."""
