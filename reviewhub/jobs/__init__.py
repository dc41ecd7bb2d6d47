"""Long work with progress: imports and exports."""
