"""The CloudFormation templates in deploy/, read as far as the local stack needs them.

Not CloudFormation: what a template declares is read, with SAM's `Globals`, parameters, conditions
and intrinsic functions resolved against resources that exist already; whatever else stands in it
is refused by name when it is asked for.
"""

from riskstack.emulator.template.document import Resource, Template, TemplateError
from riskstack.emulator.template.resolver import PhysicalResources, Resolver
from riskstack.emulator.template.scalar import as_text

__all__ = ["PhysicalResources", "Resolver", "Resource", "Template", "TemplateError", "as_text"]
