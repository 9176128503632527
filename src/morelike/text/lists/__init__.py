"""The lists that have a name: those that ship, those that are downloaded on request, and their catalogue."""
