"""Descriptors that generated bindings use."""


class classproperty:
    def __init__(self, getter):
        self.getter = getter

    def __get__(self, _instance, owner):
        return self.getter(owner)
