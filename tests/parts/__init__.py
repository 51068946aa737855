"""Tests of the parts of documents, on a small area of their own."""
