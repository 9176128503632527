"""Files and folders that are written completely or not at all, with manifests; the safetensors format."""
