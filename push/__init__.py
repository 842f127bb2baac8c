"""Puts the image of model_server and the trained model on AWS SageMaker, and removes them again."""
