"""What is not hot, a router for each subject. Everything is found in the app's state."""
