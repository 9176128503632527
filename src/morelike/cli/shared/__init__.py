"""What commands share: flags, formats, streams of words, output."""
