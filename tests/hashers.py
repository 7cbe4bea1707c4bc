"""Argon2 that costs a test next to nothing: the algorithm of production, the smallest parameters it allows."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2PasswordHasher(Argon2PasswordHasher):
    """Same encoding and same code path as production's hasher."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
