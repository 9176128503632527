"""A race: up to four runs on one list, begun together or there already, and what tells them apart."""
