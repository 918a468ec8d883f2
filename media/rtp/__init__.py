"""RTP streams of our own above ICE and DTLS."""
