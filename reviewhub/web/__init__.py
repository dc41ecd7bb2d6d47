"""What every page may use: forms, guards, errors, pagination."""
