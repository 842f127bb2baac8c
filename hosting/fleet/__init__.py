"""The machines of SageMaker, as far as a laptop is one: containers that serve, jobs that end."""
