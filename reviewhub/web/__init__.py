"""What every page may use: forms, errors, headers, downloads."""
