"""Reversal: did the treatment undo what the model did, and how far."""
