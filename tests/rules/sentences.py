"""What a sentence for people must not contain."""

import re

CODE_NAME = re.compile(r"[a-z]+_[a-z]+|\b[A-Z]{2,}_[A-Z_]+\b|\bG-[A-Z]+\b|\b(case|agency|system):[a-z_]+")
"""A name of the code: snake case, an enumeration's value, a guard, a permission."""
