"""A model's save(), when columns that follow from others must be written along."""

from typing import Any


def also_saving(kwargs: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Arguments of `Model.save` that write these fields too where only some are written."""
    if kwargs.get("update_fields") is None:
        return kwargs
    return {**kwargs, "update_fields": {*kwargs["update_fields"], *fields}}
