"""Proofs about the core."""
