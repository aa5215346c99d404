"""Runs in NicePy's environment: calls functions, prints their results.

Each argument is JSON: ["Agents", "GetAgents", {"isActive": true}], a module of the package, a function, keywords.
"""

import importlib
import json
import sys

results = []
for argument in sys.argv[1:]:
    module, function, keywords = json.loads(argument)
    called = getattr(importlib.import_module(f"NicePy.{module}"), function)
    results.append(called(**keywords))
sys.stdout.write(json.dumps(results, default=str))
