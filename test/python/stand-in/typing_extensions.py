"""Stands in for the package of this name, of which generated bindings use one class."""


class Protocol:
    """An interface; nothing is checked against it."""

    __protocol_attrs__ = frozenset()
