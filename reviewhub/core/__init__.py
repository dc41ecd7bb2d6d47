"""What every package may use: knows no domain and no HTTP."""
