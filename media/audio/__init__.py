"""Audio: devices, Opus, redundancy, jitter buffer, mixer."""
