"""What a template says in one word, as text: so CloudFormation compares it and hands it on.

A number is written as YAML reads it: one with zeros around it, such as `0755` or `1.10`, wants
quotes.

Fact: `Fn::Equals`, `Fn::Sub` and parameters know texts alone, whatever YAML made of `true` or `7`
(CloudFormation user guide, "Condition functions" and "Parameters syntax").
"""

from riskstack.emulator.template.document import TemplateError


def as_text(place: str, value: object) -> str:
    """Write a scalar of YAML as CloudFormation does: a boolean in lower case.

    Raises:
        TemplateError: it is a list, a map or nothing; the text names the place.
    """
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
    raise TemplateError(f"{place}: a text, a number, true or false is wanted, not {value!r}")
