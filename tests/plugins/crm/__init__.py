"""Proofs about customer relations."""
