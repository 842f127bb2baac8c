"""Puts deploy/data.yaml and deploy/app.yaml on AWS as CloudFormation stacks, and removes them."""
