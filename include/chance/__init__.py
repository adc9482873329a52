"""What chance alone does: statistics that every layer may use."""
