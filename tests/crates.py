"""Validation of an RO-Crate with roc-validator, without a network."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import requests

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def context() -> dict[str, Any]:
    """What stands behind the crate's ``@context``, for want of a network.

    The library rocrate ships the context of RO-Crate 1.3. It holds every term of 1.1 that our crates use; the four of
    Bioschemas are spelled another way there, and 1.1's spelling is what the validator's profiles ask for.
    """
    shipped = json.loads((resources.files("rocrate") / "data" / "ro-crate.jsonld").read_text())
    bioschemas = {
        "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
        "FormalParameter": "https://bioschemas.org/FormalParameter",
        "input": "https://bioschemas.org/ComputationalWorkflow#input",
        "output": "https://bioschemas.org/ComputationalWorkflow#output",
    }
    return {"@context": shipped["@context"] | bioschemas}


def issues(crate: Path, cache: Path, severity: str = "REQUIRED") -> list[str]:
    """Validate the crate in a folder against the profile Workflow Run Crate; give what the validator complains of."""
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    def answer(_requester: Any, url: str, **_options: Any) -> requests.Response:
        assert url == CONTEXT, f"the validator asks the network for {url}"
        response = requests.Response()
        response.status_code = 200
        response.headers["Content-Type"] = "application/ld+json"
        response._content = json.dumps(context()).encode()
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpRequester, "get", answer, raising=False)
        settings = services.ValidationSettings(
            rocrate_uri=str(crate),
            profile_identifier="workflow-run-crate-0.5",
            requirement_severity=getattr(models.Severity, severity),
            offline=True,
            cache_path=cache,
        )
        result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
