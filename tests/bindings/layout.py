"""Prints what ctypes makes of the structs and constants, in the form of tests/abi."""

import ctypes

from sidetone import _raw, constants

for name, value in vars(constants).items():
    if name.isupper():
        print(f"constant\tSIDETONE_{name}\t{value}")
for kind, size in _raw.SIZES.items():
    assert ctypes.sizeof(kind) == size
    print(f"struct\t{kind.__name__}\t{ctypes.sizeof(kind)}")
    for name, *_ in kind._fields_:
        print(f"field\t{kind.__name__}\t{name}\t{getattr(kind, name).offset}")
for name in [*_raw.FUNCTIONS, *_raw.WINDOWS_FUNCTIONS]:
    print(f"function\t{name}")
