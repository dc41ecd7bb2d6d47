"""The launcher's parts: services, the supervisor that keeps them up, the orphan guard, the lock."""
