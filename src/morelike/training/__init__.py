"""From a list to a trained model: settings, the compiled engine, the loop of events, run folders."""
