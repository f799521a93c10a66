"""Lists in the settings: given as a list, or as one string with commas."""


def comma_list(value: object) -> object:
    """A list, where it is given as one comma-separated string; anything else unchanged."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
