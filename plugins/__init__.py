"""The business areas. Each sub-package is one plug-in; none knows another."""
