"""What AWS would be: the Lambda service, the event source mapping and the templates they read."""
