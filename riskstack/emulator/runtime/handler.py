"""Finds a handler by its name, `package.module.function`.

Texts: aws/aws-lambda-python-runtime-interface-client, `bootstrap.py`.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from riskstack.emulator.runtime.fault import RuntimeFaultError

Handler = Callable[[Any, Any], Any]


def find(name: str) -> Handler:
    """Import a handler's module and give the handler.

    Raises:
        RuntimeFaultError: there is none of that name.
        Exception: whatever else the module raises when it is imported.
    """
    module_name, dot, function = name.rpartition(".")
    if not dot:
        text = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise RuntimeFaultError("MalformedHandlerName", text)
    if module_name.partition(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise RuntimeFaultError("BuiltInModuleConflict", text)
    try:
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise RuntimeFaultError("ImportModuleError", text) from error
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        text = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFaultError("UserCodeSyntaxError", text, [where]) from error
    try:
        handler: Handler = getattr(module, function)
    except AttributeError:
        text = f"Handler '{function}' missing on module '{module_name}'"
        raise RuntimeFaultError("HandlerNotFound", text) from None
    return handler
