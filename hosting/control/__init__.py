"""The control API: models, endpoint configurations, endpoints, scaling, and the life of each."""
