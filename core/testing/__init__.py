"""The test kit for everybody who writes a plug-in."""
