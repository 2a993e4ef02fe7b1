"""What stages share: one small module for each thing that must not diverge."""
