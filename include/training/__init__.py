"""Training: windows, the fit and the manifest that can repeat it."""
