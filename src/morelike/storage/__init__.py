"""Files that are whole or absent: atomic folders, manifests, safetensors, locks."""
