"""What decides a run and what it leaves: settings, plan, run folder, checkpoints, events, provenance."""
