"""What can be known to fail before anything is built or made. Asks nobody."""

from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from push import architecture
from push.design import Design
from push.problem import PushError


def check(design: Design, service: ServiceModel) -> None:
    """Check the requests against SageMaker's own model, and the instances against the image.

    Args:
        design: what is to be made.
        service: SageMaker's model, as botocore has it.

    Raises:
        PushError: deploy/endpoint.yaml or a setting has to change; the text says what.
    """
    requests = [("CreateModel", request) for request in design.model_requests().values()]
    requests.append(("CreateEndpointConfig", design.config_request()))
    for operation, request in requests:
        shape = service.operation_model(operation).input_shape
        report = ParamValidator().validate(request, _required(shape))
        if report.has_errors():
            raise PushError(
                f"deploy/endpoint.yaml says what {operation} does not take:"
                f" {report.generate_report()}"
            )
    # an enumeration that grows with botocore
    known = service.shape_for("ProductionVariantInstanceType").metadata["enum"]
    for instance_type in design.instances():
        if instance_type not in known:
            raise PushError(
                f"{instance_type} is no instance type for an endpoint: look at"
                " https://aws.amazon.com/sagemaker/ai/pricing/"
            )
        # a chosen image has a platform of its own, and is checked when it is looked at
        if design.settings.image is None:
            architecture.check(instance_type, design.settings.platform)


def _required(shape: Shape | None) -> Shape:
    if shape is None:
        raise TypeError("an operation without input is asked for something")
    return shape
